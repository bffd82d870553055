import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Test } from 'tap';

import { formsOf } from './leaks.ts';

/** What it does with a request, after it has looked for secrets in it. */
export type EchoMode = 401 | 400 | 302 | 500 | 407 | 'garbage' | 'cut';

/** A far side that repeats every credential that it is shown. */
export interface EchoingServer {
  readonly url: string;
  readonly port: number;
}

interface EchoOptions {
  readonly mode: EchoMode;
  /** What it knows again in a request. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Is told the names of those that it was shown. */
  shown(name: string): void;
  /** What it hands out as an access token; absent: none. */
  readonly token?: string | undefined;
}

/** On loopback; closed at the end of `t`. */
export async function startEchoingServer(t: Test, options: EchoOptions): Promise<EchoingServer> {
  const server = createServer((request, response) => {
    answer(request, response, options).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { url: `http://127.0.0.1:${address.port}`, port: address.port };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: EchoOptions,
): Promise<void> {
  const { mode, token } = options;
  const body = await bodyOf(request);
  const echo = echoOf(request, body, options);
  if (token !== undefined && body.includes('grant_type=')) {
    response.end(JSON.stringify({ access_token: token, expires_in: 3_600 }));
    return;
  }
  if (mode === 'cut') request.socket.destroy();
  else if (mode === 'garbage') request.socket.end(`SSH-2.0 ${echo}\r\n`);
  else
    response
      .writeHead(mode, mode === 302 ? { location: `/login?as=${encodeURIComponent(echo)}` } : {})
      .end(echo);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** The secrets of the request, in every form. */
function echoOf(
  { url = '', headers }: IncomingMessage,
  body: string,
  { secrets, shown }: EchoOptions,
): string {
  const basic = Object.values(headers).flatMap((value) => /^Basic (.+)$/.exec(String(value))?.[1] ?? []);
  const pairs = basic.map((text) => Buffer.from(text, 'base64').toString());
  const text = [
    url,
    decodeURIComponent(url),
    ...Object.values(headers),
    ...pairs,
    ...new URLSearchParams(body).values(),
  ].join('\n');
  const found = [...secrets].filter(([secret]) => text.includes(secret) || body.includes(secret));
  for (const [, name] of found) shown(name);
  return ['no:', ...basic, ...found.flatMap(([secret]) => Object.values(formsOf(secret)))].join(' ');
}
