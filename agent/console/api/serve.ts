import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { Role } from '../../model/role.ts';
import { clientAddress } from '../auth/client-address.ts';
import type { Door } from '../auth/door.ts';
import { ProblemError } from './problem.ts';
import type { JsonRoute, RawCall, StreamRoute } from './route.ts';
import { API_BASE, API_ROUTES } from './routes.ts';
import type { Streams } from './streams.ts';

export interface ApiParts {
  readonly door: Door;
  readonly streams: Streams;
  /** Epoch ms. */
  readonly now: () => number;
}

/** Registers every route of the API. */
export function addApi(app: FastifyInstance, parts: ApiParts): void {
  for (const route of API_ROUTES) {
    const url = API_BASE + route.path.replaceAll(/\{(\w+)\}/g, ':$1');
    const handler = (request: FastifyRequest, reply: FastifyReply): Promise<unknown> =>
      route.media === undefined ? answer(route, parts, request, reply) : stream(route, parts, request, reply);
    // What waits for events would wait for ever with a head alone.
    app.route({ method: route.method, url, handler, exposeHeadRoute: route.media === undefined });
  }
}

async function answer(
  route: JsonRoute,
  parts: ApiParts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  return await route.answerTo(await callOf(route, parts, request, reply));
}

async function stream(
  route: StreamRoute,
  parts: ApiParts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const call = await callOf(route, parts, request, reply);
  // What does not fit is refused while there is still a status to say so.
  const start = route.open(call);
  const isWelcome = (): Promise<boolean> => mayEnter(parts.door, request, route.role);
  parts.streams.open(reply, { who: call.caller.name, isWelcome, start });
  return reply;
}

/** A door that cannot answer now sends nobody away. */
async function mayEnter(door: Door, request: FastifyRequest, role: Role): Promise<boolean> {
  try {
    await door.enter(request, role);
    return true;
  } catch (error) {
    return !(error instanceof ProblemError && [401, 403].includes(error.status));
  }
}

async function callOf(
  route: JsonRoute | StreamRoute,
  { door, now }: ApiParts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<RawCall> {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  const visit = await door.enter(request, route.role);
  const { query, params, body } = request;
  return { ...visit, now: now(), from: clientAddress(request), signal: gone.signal, query, params, body };
}
