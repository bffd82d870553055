import { Agent, type Dispatcher, ProxyAgent } from 'undici';

import type { ProxyChoice, ProxyServer } from '../model/proxy.ts';
import { authorityOf } from '../model/url.ts';

/** A page has at most 1 MB of messages; JSON escapes and 10,000 row heads make it a few times larger. */
const MAX_RESPONSE_BYTES = 32 * 1024 * 1024;

/** Connections to all origins, direct and through proxies. */
export interface Connections {
  readonly dispatcher: Dispatcher;
  close(): Promise<void>;
}

export interface ConnectionOptions {
  readonly maxSocketsPerHost: number;
  /** Absent: no proxies. */
  readonly proxyFor?: ProxyChoice | undefined;
}

export function createConnections({ maxSocketsPerHost, proxyFor }: ConnectionOptions): Connections {
  const pool = {
    connections: maxSocketsPerHost,
    pipelining: 1,
    allowH2: false,
    headersTimeout: 30_000,
    bodyTimeout: 30_000,
    keepAliveTimeout: 10_000,
    maxResponseSize: MAX_RESPONSE_BYTES,
  };
  const direct = new Agent({ ...pool, connect: { timeout: 10_000 } });
  const proxied = new Map<ProxyServer, ProxyAgent>();

  function through(server: ProxyServer): ProxyAgent {
    const agent = proxied.get(server) ?? new ProxyAgent({ ...pool, ...proxyOptions(server) });
    proxied.set(server, agent);
    return agent;
  }

  const dispatcher = direct.compose((dispatch) => (request, handler) => {
    const server = request.origin && proxyFor?.(new URL(request.origin));
    return server ? through(server).dispatch(request, handler) : dispatch(request, handler);
  });
  return {
    dispatcher,
    async close() {
      await Promise.all([direct, ...proxied.values()].map((agent) => agent.destroy()));
    },
  };
}

function proxyOptions({ host, port, secure, authorization }: ProxyServer): ProxyAgent.Options {
  return {
    uri: `${secure ? 'https' : 'http'}://${authorityOf(host, port)}`,
    ...(authorization !== undefined && { token: authorization }),
  };
}
