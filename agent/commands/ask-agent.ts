import type { Config } from '../config/config.ts';
import { EXIT, GuardrelayError } from '../model/error.ts';

/** Asks the agent of this configuration, which runs on this host. Throws where none answers, or where it refuses. */
export async function askAgent({ http }: Config, path: string, signal: AbortSignal): Promise<Response> {
  const url = new URL(path, `http://${reachable(http.listen)}`);
  const answer = await fetch(url, { signal, redirect: 'error' }).catch((error: unknown) => {
    if (signal.aborted) throw error;
    throw unanswered(url, error);
  });
  if (answer.ok) return answer;
  await answer.body?.cancel();
  throw new GuardrelayError(
    'AGT-009',
    `The agent at ${url.host} answered ${answer.status} to ${url.pathname}`,
    {
      exitCode: EXIT.attention,
      fix: 'See that the agent is of this release: guardrelay --version',
    },
  );
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
