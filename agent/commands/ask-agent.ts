import { z } from 'zod';

import type { Config } from '../config/config.ts';
import { EXIT, GuardrelayError } from '../model/error.ts';
import { jsonOf } from '../model/json.ts';

const problem = z.object({ detail: z.string().optional() });

/** Asks the agent of this configuration, which runs on this host. Throws where none answers, or where it refuses. */
export async function askAgent({ http }: Config, path: string, signal: AbortSignal): Promise<Response> {
  const url = new URL(path, `http://${reachable(http.listen)}`);
  const answer = await fetch(url, { signal, redirect: 'error' }).catch((error: unknown) => {
    if (signal.aborted) throw error;
    throw unanswered(url, error);
  });
  if (answer.ok) return answer;
  throw refused(url, answer.status, await answer.text());
}

/** Where a listener on all addresses can be reached from here. */
function reachable(listen: string): string {
  return listen.replace(/^0\.0\.0\.0(?=:)/, '127.0.0.1').replace(/^\[::\](?=:)/, '[::1]');
}

function unanswered({ host }: URL, cause: unknown): GuardrelayError {
  return new GuardrelayError('AGT-009', `No agent answers at ${host}, the address of http.listen`, {
    exitCode: EXIT.attention,
    fix: 'Start the agent with: guardrelay run',
    cause,
  });
}

function refused({ host, pathname }: URL, status: number, body: string): GuardrelayError {
  const { detail } = problem.safeParse(jsonOf(body)).data ?? {};
  if (status === 404 && detail !== undefined) {
    return new GuardrelayError('CLI-001', `There is no such thing: ${detail}`, {
      exitCode: EXIT.usage,
      fix: 'guardrelay status --all names the sources, guardrelay destinations list the destinations.',
    });
  }
  const said = detail === undefined ? '' : `: ${detail}`;
  return new GuardrelayError('AGT-009', `The agent at ${host} answered ${status} to ${pathname}${said}`, {
    exitCode: EXIT.attention,
    fix: 'See that the agent is of this release: guardrelay --version',
  });
}
