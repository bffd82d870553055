import { lookup } from 'node:dns/promises';

import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';

import type { Clock } from '../model/clock.ts';
import { EXIT, GuardrelayError } from '../model/error.ts';
import type { Logger } from '../model/logger.ts';
import { withinNetworks } from '../model/network.ts';
import type { SecretReader } from '../model/secret.ts';
import type { AgentView } from './agent-view.ts';
import { tellBadPath, tellErrors } from './answer-errors.ts';
import { addApi } from './api/serve.ts';
import { createStreams } from './api/streams.ts';
import { type AuthOptions, createAccess, requireLoopback } from './auth/access.ts';
import { createDoor } from './auth/door.ts';
import { addLogin } from './auth/login-page.ts';
import { createLogins, type Logins } from './auth/logins.ts';
import { loadAssets } from './pages/assets.ts';
import { addPages } from './pages/serve-pages.ts';
import { addProbes } from './probes.ts';

const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  // With no-referrer, browsers say that a form comes from nowhere (`Origin: null`), and nobody could log in.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

const MAX_BODY_BYTES = 64 * 1024;
const MAX_HEADERS_MS = 10_000;

export interface HttpListener {
  readonly url: string;
  close(): Promise<void>;
}

export interface ListenOptions {
  /** `address:port`; port 0 takes a free one. */
  readonly listen: string;
  readonly view: AgentView;
  readonly auth: AuthOptions;
  /** Of the listener beside loopback. */
  readonly names: readonly string[];
  /** Addresses and networks whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** Absent: nobody is remembered beyond this listener. */
  readonly logins?: Logins | undefined;
  readonly readSecret: SecretReader;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The one HTTP listener: the page, its API, probes and metrics. */
export async function startHttp(options: ListenOptions): Promise<HttpListener> {
  const { listen, view, auth, clock, logger, trustedProxies, logins = createLogins(clock) } = options;
  const access = createAccess({ ...options, logins, audit: view.audit });
  const greet = (request: FastifyRequest, reply: FastifyReply): void => {
    reply.headers(SECURITY_HEADERS);
    access.hostRule.check(request);
  };
  const app = newServer(trustedProxies, (request, reply) => tellBadPath(reply, () => greet(request, reply)));
  app.addHook('onRequest', async (request, reply) => greet(request, reply));
  tellErrors(app, { logger, loginPage: access.login && '/login' });
  const door = createDoor(access.gate, view, clock.now);
  const streams = createStreams(clock);
  addProbes(app, { view, door, now: clock.now });
  addApi(app, { door, streams, now: clock.now });
  addPages(app, { door, now: clock.now });
  if (access.login) addLogin(app, access.login, loadAssets().style);
  const url = await listenOn(app, addressOf(listen), auth);
  return {
    url,
    async close() {
      streams.close();
      await app.close();
    },
  };
}

function newServer(
  trustedProxies: readonly string[],
  badPath: (request: FastifyRequest, reply: FastifyReply) => void,
): FastifyInstance {
  const app = fastify({
    logger: false,
    trustProxy: withinNetworks(trustedProxies),
    frameworkErrors: (_error, request, reply) => badPath(request, reply),
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: MAX_HEADERS_MS,
    forceCloseConnections: true,
  });
  // Other pages may send text without asking, JSON they may not.
  app.removeContentTypeParser('text/plain');
  return app;
}

function addressOf(listen: string): Address {
  const at = listen.lastIndexOf(':');
  return { host: listen.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(listen.slice(at + 1)) };
}

interface Address {
  readonly host: string;
  readonly port: number;
}

async function listenOn(app: FastifyInstance, { host, port }: Address, auth: AuthOptions): Promise<string> {
  try {
    for (const { address } of await lookup(host, { all: true })) requireLoopback(address, auth);
    return await app.listen({ host, port });
  } catch (error) {
    await app.close();
    if (error instanceof GuardrelayError) throw error;
    throw new GuardrelayError('AGT-005', `Listening on ${host}:${port} failed: ${String(error)}`, {
      exitCode: EXIT.failure,
      fix: 'Stop the program that holds the port, or set http.listen to another one.',
      cause: error,
    });
  }
}
