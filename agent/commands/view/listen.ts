import type { Config } from '../../config/config.ts';
import { readSecret } from '../../config/secret.ts';
import type { AuthOptions } from '../../console/auth/access.ts';
import type { Logins } from '../../console/auth/logins.ts';
import { type HttpListener, startHttp } from '../../console/server.ts';
import { GuardrelayError } from '../../model/error.ts';
import type { AgentSession } from '../session/agent-session.ts';

/** Opens the listener that the configuration wants for this agent. */
export function listen(
  { http }: Pick<Config, 'http'>,
  { view, clock, logger }: Pick<AgentSession, 'view' | 'clock' | 'logger'>,
  logins?: Logins,
): Promise<HttpListener> {
  const { listen: address, trustedProxies } = http;
  return startHttp({
    ...{ listen: address, trustedProxies, view, clock, logger, readSecret, logins },
    auth: authOptions(http.auth),
    names: [...http.names, ...hostsOf(http.publicUrl)],
  });
}

/** After a change of the configuration; undefined: it cannot be opened, and that ends no relay. */
export async function listenAgain(
  config: Pick<Config, 'http'>,
  session: Pick<AgentSession, 'view' | 'clock' | 'logger'>,
  logins: Logins,
): Promise<HttpListener | undefined> {
  try {
    return await listen(config, session, logins);
  } catch (error) {
    if (!(error instanceof GuardrelayError)) throw error;
    const { code, message, fix } = error;
    session.logger.error('nobody is answered until the configuration changes again; the relay goes on', {
      code,
      error: message,
      fix,
    });
    return undefined;
  }
}

function hostsOf(publicUrl: string | undefined): readonly string[] {
  return publicUrl === undefined ? [] : [new URL(publicUrl).host];
}

function authOptions(auth: Config['http']['auth']): AuthOptions {
  switch (auth.type) {
    case 'none':
    case 'proxy-header':
      return auth;
    case 'token':
      return { ...auth, users: auth.users.map(({ tokenHash: hash, ...user }) => ({ ...user, hash })) };
    case 'basic':
      return { ...auth, users: auth.users.map(({ passwordHash: hash, ...user }) => ({ ...user, hash })) };
  }
}
