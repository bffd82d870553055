import { UndiciHttpHandler } from '@smithy/undici-http-handler';
import { Agent } from 'undici';

/** The one pool of connections under all AWS clients. */
export interface Transport {
  readonly requestHandler: UndiciHttpHandler;
  close(): Promise<void>;
}

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
  // The handler is shared: one client's destroy() must not take the connections of its siblings.
  return {
    requestHandler: Object.assign(requestHandler, { destroy: () => {} }),
    close: () => agent.destroy(),
  };
}
