import type { Config } from '../../config/config.ts';
import { readSecret } from '../../config/secret.ts';
import type { AuthOptions } from '../../console/auth/access.ts';
import { type HttpListener, startHttp } from '../../console/server.ts';
import type { AgentSession } from '../agent-session.ts';

/** Opens the listener that the configuration wants for this agent. */
export function listen(
  { http }: Pick<Config, 'http'>,
  { view, clock, logger }: Pick<AgentSession, 'view' | 'clock' | 'logger'>,
): Promise<HttpListener> {
  return startHttp({
    ...{ listen: http.listen, view, clock, logger, readSecret },
    auth: authOptions(http.auth),
    names: [...http.names, ...hostsOf(http.publicUrl)],
  });
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
