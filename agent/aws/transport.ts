import { finished, Readable } from 'node:stream';

import { UndiciHttpHandler } from '@smithy/undici-http-handler';
import { Agent } from 'undici';

import { createInFlight, type Place } from './in-flight.ts';

/** The one pool of connections under all AWS clients. */
export interface Transport {
  readonly requestHandler: UndiciHttpHandler;
  close(): Promise<void>;
}

type Handle = UndiciHttpHandler['handle'];

/** A page has at most 1 MB of messages; JSON escapes and 10,000 row heads make it a few times larger. */
const MAX_RESPONSE_BYTES = 32 * 1024 * 1024;

export function createTransport(maxSocketsPerHost: number): Transport {
  const agent = new Agent({
    connections: maxSocketsPerHost,
    pipelining: 1,
    allowH2: false,
    headersTimeout: 30_000,
    bodyTimeout: 30_000,
    keepAliveTimeout: 10_000,
    maxResponseSize: MAX_RESPONSE_BYTES,
    connect: { timeout: 10_000 },
  });
  const requestHandler = new UndiciHttpHandler({ dispatcher: agent });
  return {
    requestHandler: Object.assign(requestHandler, {
      handle: bounded(requestHandler.handle.bind(requestHandler)),
      // The handler is shared: one client's destroy() must not take the connections of its siblings.
      destroy: () => {},
    }),
    close: () => agent.destroy(),
  };
}

/** A request is under way until its answer has been read, or has failed. */
function bounded(handle: Handle): Handle {
  const inFlight = createInFlight();
  return async (request, options = {}) => {
    const { abortSignal } = options;
    const signal = abortSignal instanceof AbortSignal ? abortSignal : undefined;
    const leave = await inFlight.enter(placeOf(request), signal);
    try {
      const answer = await handle(request, options);
      const { body } = answer.response;
      if (body instanceof Readable) finished(body, leave);
      else leave();
      return answer;
    } catch (error) {
      leave();
      throw error;
    }
  };
}

/** The key with which a request is signed stands for the account: it is that of one session. */
function placeOf({ hostname, port = 443, headers }: Parameters<Handle>[0]): Place {
  const [, caller = ''] = /Credential=([^/]+)/.exec(headers.authorization ?? '') ?? [];
  return { host: `${hostname}:${port}`, caller };
}
