import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server } from 'node:https';
import type { TlsOptions } from 'node:tls';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { Test } from 'tap';

export interface WebhookRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** As it came over the wire. */
  readonly wire: Buffer;
  /** Decompressed. */
  readonly text: string;
  readonly lines: readonly string[];
}

/** What to answer; `write` answers by hand. */
type Reply =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | { write(response: ServerResponse): void };

export interface WebhookReceiver {
  readonly url: string;
  readonly requests: WebhookRequest[];
  /** Decides on each request; 200 at first. */
  answer: (request: WebhookRequest) => Reply;
  /** Reset each connection before its request is read. */
  cuts: boolean;
  readonly connections: number;
  readonly server: Server | ReturnType<typeof createServer>;
  /** Resolves when this many requests have been read. */
  received(count: number): Promise<void>;
  stop(): void;
}

/** A SIEM's HTTP input on loopback; closed at the end of `t`. */
export async function startWebhookReceiver(t: Test, tls?: TlsOptions): Promise<WebhookReceiver> {
  const server = tls ? createTlsServer(tls) : createServer();
  const watchers = new Set<() => void>();
  let connections = 0;
  const requests: WebhookRequest[] = [];

  const receiver: WebhookReceiver = {
    url: '',
    requests,
    answer: () => ({ status: 200 }),
    cuts: false,
    server,
    get connections() {
      return connections;
    },
    received(count) {
      return new Promise((resolve) => {
        const look = (): void => {
          if (requests.length < count) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      });
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };

  server.on(tls ? 'secureConnection' : 'connection', () => {
    connections += 1;
  });
  async function attend(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    if (receiver.cuts) {
      incoming.destroy();
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const wire = Buffer.concat(chunks);
    const { method = '', url: path = '', headers } = incoming;
    const text = decompressed(wire, headers['content-encoding']).toString();
    const request = { method, path, headers, wire, text, lines: text.split('\n').filter(Boolean) };
    requests.push(request);
    const reply = receiver.answer(request);
    if ('write' in reply) reply.write(response);
    else response.writeHead(reply.status, reply.headers).end(reply.body);
    for (const look of [...watchers]) look();
  }

  server.on('request', (incoming, response) => {
    // A request that its sender gave up is of no interest.
    attend(incoming, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port');
  t.teardown(() => receiver.stop());
  return Object.assign(receiver, { url: `${tls ? 'https' : 'http'}://127.0.0.1:${address.port}/in` });
}

function decompressed(wire: Buffer, encoding: string | undefined): Buffer {
  if (encoding === 'gzip') return gunzipSync(wire);
  return encoding === 'zstd' ? zstdDecompressSync(wire) : wire;
}
