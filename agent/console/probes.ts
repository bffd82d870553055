import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';

import { NEEDS_ACTION } from '../health/verdict.ts';
import type { AgentView } from './agent-view.ts';
import { notFound } from './api/problem.ts';
import { toDestinationJson, toSourceJson } from './api/source-json.ts';
import type { Door, Visit } from './auth/door.ts';
import { narrowedView } from './narrowed-view.ts';

const query = z.looseObject({ customer: z.string().optional(), verbose: z.string().optional() });

interface ProbeParts {
  readonly view: AgentView;
  readonly door: Door;
  /** Epoch ms. */
  readonly now: () => number;
}

/**
 * Whoever restarts or replaces an agent asks these, without credentials. Life and readiness are about this process
 * alone: a restart repairs neither AWS nor a SIEM.
 */
export function addProbes(app: FastifyInstance, { view, door, now }: ProbeParts): void {
  app.get('/livez', (_request, reply) =>
    reply.code(view.isAlive() ? 200 : 503).send({ alive: view.isAlive() }),
  );
  app.get('/readyz', (_request, reply) =>
    reply.code(view.isReady() ? 200 : 503).send({ ready: view.isReady() }),
  );
  app.get('/startupz', (_request, reply) =>
    reply.code(view.hasStarted() ? 200 : 503).send({ started: view.hasStarted() }),
  );
  app.get('/healthz', async (request, reply) => {
    const { customer } = query.parse(request.query);
    const visit = await visitOf(request);
    const seen = visit?.view ?? view;
    const health = healthOf(
      customer === undefined ? seen : narrowedView(seen, [knownIn(seen, customer)], now),
    );
    // Why one is broken is for those who may see it.
    const told = visit ? health : { healthy: health.healthy };
    return await reply.code(health.healthy ? 200 : 503).send(told);
  });
  app.get('/metrics', async (request, reply) => {
    const { view: seen } = await door.enter(request, 'viewer');
    return await reply.type('text/plain; version=0.0.4; charset=utf-8').send(await seen.metrics());
  });

  /** Undefined: a monitor without credentials, which asks for nothing that needs them. */
  async function visitOf(request: FastifyRequest): Promise<Visit | undefined> {
    const { customer, verbose } = query.parse(request.query);
    if (customer !== undefined || verbose !== undefined) return await door.enter(request, 'viewer');
    return await door.enter(request, 'viewer').catch(() => undefined);
  }
}

function knownIn({ customers }: AgentView, customer: string): string {
  if (customers.some(({ id }) => id === customer)) return customer;
  throw notFound(`there is no customer ${customer}`);
}

function healthOf(view: AgentView) {
  const { sources, destinations, counts } = view.overview();
  const problems = sources.filter(({ state }) => NEEDS_ACTION.includes(state)).map(toSourceJson);
  const blocked = destinations.filter(({ state }) => state === 'blocked').map(toDestinationJson);
  return { healthy: problems.length === 0 && blocked.length === 0, counts, problems, blocked };
}
