import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { TlsOptions } from 'node:tls';
import type { Test } from 'tap';

import { hostOf, portOf } from '../../agent/model/url.ts';

export interface ForwardProxyServer {
  readonly port: number;
  /** What it was asked for: `CONNECT host:port` or `POST http://…`. */
  readonly asked: string[];
  /** Value of Proxy-Authorization that it wants; absent: none. */
  wants: string | undefined;
  /** Answers a CONNECT with this instead of a tunnel. */
  refusal: number | 'silence' | 'garbage' | undefined;
  /** Resolves when it has been asked for something. */
  untilAsked(): Promise<void>;
}

/** A forward proxy on loopback, which is also where it finds every host; closed at the end of `t`. */
export async function startForwardProxy(t: Test, tls?: TlsOptions): Promise<ForwardProxyServer> {
  const server = tls ? createTlsServer(tls) : createServer();
  const open = new Set<Socket>();
  const firstAsked = Promise.withResolvers<void>();
  const proxy: ForwardProxyServer = {
    port: 0,
    asked: [],
    wants: undefined,
    refusal: undefined,
    untilAsked: () => firstAsked.promise,
  };

  function isWelcome({ headers }: IncomingMessage): boolean {
    return proxy.wants === undefined || headers['proxy-authorization'] === proxy.wants;
  }

  function keep(socket: Socket): Socket {
    open.add(socket);
    return socket.on('error', () => {}).on('close', () => open.delete(socket));
  }

  async function tunnel(request: IncomingMessage, client: Duplex): Promise<void> {
    proxy.asked.push(`CONNECT ${request.url}`);
    firstAsked.resolve();
    if (proxy.refusal === 'silence') return;
    if (proxy.refusal === 'garbage') return void client.end('SSH-2.0-OpenSSH_9.2\r\n\r\n');
    const status = isWelcome(request) ? (proxy.refusal ?? 200) : 407;
    client.write(`HTTP/1.1 ${status} Said\r\n\r\n`);
    if (status !== 200) return void client.end();
    const far = keep(connect(portOf(new URL(`https://${request.url}`)), '127.0.0.1'));
    await Promise.allSettled([pipeline(client, far), pipeline(far, client)]);
  }

  async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    proxy.asked.push(`${method} ${url}`);
    firstAsked.resolve();
    if (!isWelcome(request)) {
      response.writeHead(407).end(`not with ${headers['proxy-authorization']}`);
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const target = new URL(url);
    const { 'proxy-authorization': _, ...passed } = headers;
    const answer = await fetch(`http://127.0.0.1:${portOf(target)}${target.pathname}${target.search}`, {
      method,
      headers: { ...plain(passed), 'x-forwarded-host': hostOf(target) },
      body: Buffer.concat(chunks),
    });
    response.writeHead(answer.status).end(await answer.text());
  }

  server.on('connection', keep);
  server.on('tlsClientError', () => {});
  server.on('connect', (request, client) => void tunnel(request, client));
  server.on('request', (request, response) => {
    forward(request, response).catch(() => response.writeHead(502).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  t.teardown(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return Object.assign(proxy, { port: address.port });
}

/** Without the headers of the connection. */
function plain(headers: IncomingMessage['headers']): Record<string, string> {
  const own = new Set(['host', 'connection', 'content-length', 'transfer-encoding']);
  const passed = Object.entries(headers).filter(([name]) => !own.has(name));
  return Object.fromEntries(passed.map(([name, value]) => [name, String(value)]));
}
