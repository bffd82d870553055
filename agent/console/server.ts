import fastify, { type FastifyInstance } from 'fastify';

import { EXIT, GuardrelayError } from '../model/error.ts';
import type { Logger } from '../model/logger.ts';
import type { AgentView } from './agent-view.ts';
import { tellErrors } from './answer-errors.ts';
import { problem } from './api/problem.ts';
import { addApi } from './api/serve.ts';
import { createStreams } from './api/streams.ts';
import { createDoor, OPEN_GATE } from './auth/door.ts';
import { addPages } from './pages/serve-pages.ts';
import { addProbes } from './probes.ts';

const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
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
  /** Epoch ms. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** The one HTTP listener: the page, its API, probes and metrics. */
export async function startHttp({ listen, view, now, logger }: ListenOptions): Promise<HttpListener> {
  const app = fastify({
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: MAX_HEADERS_MS,
    forceCloseConnections: true,
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    // A page elsewhere may point its own name at this address (DNS rebinding).
    if (!isLoopbackName(request.hostname)) {
      await reply.code(421).type('application/problem+json').send(problem(421));
    }
  });
  tellErrors(app, logger);
  const door = createDoor(OPEN_GATE, view);
  const streams = createStreams();
  addProbes(app, view, door);
  addApi(app, { door, streams, now });
  addPages(app, { door, now });
  const { host, port } = addressOf(listen);
  const url = await listenOn(app, host, port);
  return {
    url,
    async close() {
      streams.close();
      await app.close();
    },
  };
}

function isLoopbackName(hostname: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]', '::1'].includes(hostname);
}

function addressOf(listen: string): { host: string; port: number } {
  const at = listen.lastIndexOf(':');
  return { host: listen.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(listen.slice(at + 1)) };
}

async function listenOn(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw new GuardrelayError('AGT-005', `Listening on ${host}:${port} failed: ${String(error)}`, {
      exitCode: EXIT.failure,
      fix: 'Stop the program that holds the port, or set http.listen to another one.',
      cause: error,
    });
  }
}
