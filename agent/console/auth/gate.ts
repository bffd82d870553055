import type { FastifyRequest } from 'fastify';

import { withinNetworks } from '../../model/network.ts';
import { ProblemError } from '../api/problem.ts';
import type { Caller } from '../api/route.ts';
import type { AuditLog } from '../audit-log.ts';
import { clientAddress } from './client-address.ts';
import { cookieOf, credentialsOf } from './credentials.ts';
import type { Logins } from './logins.ts';
import { isSame } from './sessions.ts';
import type { User, Users } from './users.ts';
import type { Credentials, Verifier } from './verifier.ts';

/** Tells who asks; throws a ProblemError for those whom it does not know. */
export interface Gate {
  callerOf(request: FastifyRequest): Promise<Caller>;
}

/** Lets those in who log in by themselves, for one request or for a session. */
export interface LoginGate extends Gate {
  readonly asks: 'token' | 'basic';
  /** Answers with the id of a new session. */
  logIn(request: FastifyRequest, credentials: Credentials): Promise<string>;
  logOut(request: FastifyRequest): Promise<void>;
}

/** Whoever reaches the listener is let in: only for loopback. */
export const OPEN_GATE: Gate = {
  callerOf: async () => ({ name: 'local', role: 'admin' }),
};

interface ProxyOptions {
  /** Addresses and networks. */
  readonly from: readonly string[];
  readonly header: string;
}

/** Believes the header of these proxies and of nobody else. */
export function createProxyGate({ from, header }: ProxyOptions, users: Users): Gate {
  const isProxy = withinNetworks(from);
  return {
    async callerOf(request) {
      if (!isProxy(request.socket.remoteAddress ?? '')) {
        throw new ProblemError(401, { detail: 'only the reverse proxy may ask here' });
      }
      const name = request.headers[header];
      const user = (await users.current()).find((each) => each.name === name);
      if (!user) throw new ProblemError(401, { detail: `${header} names nobody who may come in` });
      return toCaller(user);
    },
  };
}

interface LoginParts extends Logins {
  readonly asks: 'token' | 'basic';
  readonly users: Users;
  readonly verifier: Verifier;
  readonly audit: Pick<AuditLog, 'add'>;
}

export function createLoginGate({ asks, users, verifier, sessions, failed, audit }: LoginParts): LoginGate {
  async function admit(request: FastifyRequest, credentials: Credentials): Promise<User> {
    const from = clientAddress(request);
    const seconds = failed.waitSeconds(from);
    if (seconds > 0) {
      const facts = { detail: `too many failed logins from ${from}`, fix: `Wait ${seconds} seconds.` };
      throw new ProblemError(429, facts, { 'retry-after': String(seconds) });
    }
    const user = await verifier.verify(credentials);
    if (user) return user;
    failed.note(from);
    audit.add({ user: shown(credentials.name), from, action: 'login-failed', outcome: 'refused' });
    throw unknown(request, 'these credentials are not right');
  }

  async function ofSession(request: FastifyRequest, id: string): Promise<Caller | undefined> {
    const session = sessions.find(id);
    if (!session) return undefined;
    const { name, version } = session.user;
    const user = (await users.current()).find((each) => each.name === name && each.version === version);
    if (!user) return undefined;
    const isChange = request.method !== 'GET' && request.method !== 'HEAD';
    const given = request.headers['x-csrf-token'];
    if (isChange && !isSame(String(given ?? ''), session.csrfToken)) {
      throw new ProblemError(403, { detail: 'the header x-csrf-token is missing or of another session' });
    }
    return { ...toCaller(user), csrfToken: session.csrfToken };
  }

  /** A request without credentials says how they are given; a browser has a page for that. */
  function unknown(request: FastifyRequest, detail: string): ProblemError {
    const isBrowser = request.headers['sec-fetch-mode'] !== undefined;
    const scheme = asks === 'token' || isBrowser ? 'Bearer' : 'Basic';
    return new ProblemError(401, { detail }, { 'www-authenticate': `${scheme} realm="guardrelay"` });
  }

  return {
    asks,
    async callerOf(request) {
      const id = cookieOf(request);
      const caller = id === undefined ? undefined : await ofSession(request, id);
      if (caller) return caller;
      const credentials = credentialsOf(request, asks);
      if (!credentials) throw unknown(request, 'nobody is logged in');
      return toCaller(await admit(request, credentials));
    },
    async logIn(request, credentials) {
      const user = await admit(request, credentials);
      const { name, role } = user;
      audit.add({ user: name, role, from: clientAddress(request), action: 'login', outcome: 'done' });
      return sessions.open(user);
    },
    async logOut(request) {
      const id = cookieOf(request);
      const session = id === undefined ? undefined : sessions.find(id);
      if (id === undefined || !session) return;
      sessions.close(id);
      audit.add({ user: session.user.name, from: clientAddress(request), action: 'logout', outcome: 'done' });
    },
  };
}

function toCaller({ name, role, customers }: User): Caller {
  return { name, role, customers };
}

/** What somebody typed who is nobody; perhaps a password in the wrong field. */
function shown(name: string | undefined): string {
  return name !== undefined && /^[\w.@+-]{1,128}$/.test(name) ? name : '-';
}
