import { z } from 'zod';

import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import { readSecret } from '../config/secret.ts';
import { EXIT, GuardrelayError } from '../model/error.ts';
import { jsonOf } from '../model/json.ts';

const problem = z.object({ detail: z.string().optional() });

/** Asks the agent of this configuration, which runs on this host. Throws where none answers, or where it refuses. */
export async function askAgent(
  { http }: Pick<Config, 'http'>,
  path: string,
  signal: AbortSignal,
  env: Environment = process.env,
): Promise<Response> {
  const headers = await authorization(http, env);
  const url = new URL(path, `http://${reachable(http.listen)}`);
  const answer = await fetch(url, { signal, headers, redirect: 'error' }).catch((error: unknown) => {
    if (signal.aborted) throw error;
    throw unanswered(url, error);
  });
  if (answer.ok) return answer;
  throw refused(url, answer.status, await answer.text());
}

/** What `http.auth` wants to see: a token, or `name:password`. */
async function authorization(
  { auth, apiToken }: Config['http'],
  { GUARDRELAY_API_TOKEN: token }: Environment,
): Promise<Record<string, string>> {
  if (auth.type === 'none') return {};
  const secret = token || (apiToken === undefined ? undefined : await readSecret(apiToken));
  if (secret === undefined) return {};
  if (auth.type !== 'basic') return { authorization: `Bearer ${secret}` };
  return { authorization: `Basic ${Buffer.from(secret).toString('base64')}` };
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

function unknown(host: string, status: number, detail = ''): GuardrelayError {
  return new GuardrelayError('AGT-010', `The agent at ${host} answered ${status}: ${detail}`, {
    exitCode: EXIT.refused,
    fix: 'Set GUARDRELAY_API_TOKEN, or http.apiToken in the configuration, to a token that http.auth lets in.',
  });
}

function refused({ host, pathname }: URL, status: number, body: string): GuardrelayError {
  const { detail } = problem.safeParse(jsonOf(body)).data ?? {};
  if (status === 401 || status === 403 || status === 429) return unknown(host, status, detail);
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
