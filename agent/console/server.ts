import fastify, { type FastifyInstance } from 'fastify';

import { EXIT, GuardrelayError } from '../model/error.ts';
import type { AgentView } from './agent-view.ts';
import { overviewPage } from './pages/overview-page.ts';
import { STYLE } from './pages/style.ts';

const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const;

const BROKEN = ['failing', 'blocked', 'silent'] as const;
const MAX_RECORDS = 1_000;

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
}

/** The one HTTP listener: the page, its API, probes and metrics. Reads only. */
export async function startHttp({ listen, view, now }: ListenOptions): Promise<HttpListener> {
  const app = fastify({ logger: false });
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    // A page elsewhere may point its own name at this address (DNS rebinding).
    if (!isLoopbackName(request.hostname)) await reply.code(421).send({ error: 'unknown host name' });
  });
  addProbes(app, view);
  addPages(app, view, now);
  const { host, port } = addressOf(listen);
  return { url: await listenOn(app, host, port), close: () => app.close() };
}

function addProbes(app: FastifyInstance, view: AgentView): void {
  app.get('/livez', (_request, reply) =>
    reply.code(view.isAlive() ? 200 : 503).send({ alive: view.isAlive() }),
  );
  app.get('/readyz', (_request, reply) =>
    reply.code(view.isReady() ? 200 : 503).send({ ready: view.isReady() }),
  );
  app.get('/healthz', (_request, reply) => {
    const { sources, destinations, counts } = view.overview();
    const problems = sources.filter(({ state }) => BROKEN.some((broken) => broken === state));
    const blocked = destinations.filter(({ state }) => state === 'blocked');
    const healthy = problems.length === 0 && blocked.length === 0;
    return reply.code(healthy ? 200 : 503).send({ healthy, counts, problems, blocked });
  });
  app.get('/metrics', async (_request, reply) => {
    const text = await view.metrics();
    return await reply.type('text/plain; version=0.0.4; charset=utf-8').send(text);
  });
}

function addPages(app: FastifyInstance, view: AgentView, now: () => number): void {
  app.get<{ Querystring: { q?: string } }>('/', async (request, reply) => {
    const page = await overviewPage({ view, now: now(), pattern: String(request.query.q ?? '') });
    return await reply.type('text/html; charset=utf-8').send(page);
  });
  app.get('/style.css', (_request, reply) => reply.type('text/css; charset=utf-8').send(STYLE));
  app.get('/api/v1/status', (_request, reply) =>
    reply.send({
      schema: 'guardrelay.status/v1',
      generatedAt: new Date(now()).toISOString(),
      ...view.overview(),
    }),
  );
  app.get<{ Querystring: { q?: string; limit?: string } }>('/api/v1/search', async (request, reply) => {
    const limit = Math.min(MAX_RECORDS, Number(request.query.limit ?? 50) || 50);
    const records = await view.search(String(request.query.q ?? '*'), limit);
    return await reply.send({ schema: 'guardrelay.search/v1', records });
  });
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
