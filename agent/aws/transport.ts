import { finished, Readable } from 'node:stream';

import { UndiciHttpHandler } from '@smithy/undici-http-handler';

import { type ConnectionOptions, createConnections } from './connections.ts';
import { createInFlight, type Place } from './in-flight.ts';

/** The one pool of connections under all AWS clients. */
export interface Transport {
  readonly requestHandler: UndiciHttpHandler;
  close(): Promise<void>;
}

type Handle = UndiciHttpHandler['handle'];

export function createTransport(options: ConnectionOptions): Transport {
  const connections = createConnections(options);
  const requestHandler = new UndiciHttpHandler({ dispatcher: connections.dispatcher });
  return {
    requestHandler: Object.assign(requestHandler, {
      handle: bounded(requestHandler.handle.bind(requestHandler)),
      // The handler is shared: one client's destroy() must not take the connections of its siblings.
      destroy: () => {},
    }),
    close: connections.close,
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
