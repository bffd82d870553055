import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

import type { JsonObject } from '../../../agent/model/json.ts';

/** An HTTP receiver that takes every batch; the records stand one per line in its body. */
export interface Webhook {
  /** The destination in a configuration. */
  readonly destination: JsonObject;
  /** The records so far, in the order in which they came. */
  readonly records: readonly string[];
  close(): Promise<void>;
}

export async function startWebhook(): Promise<Webhook> {
  const records: string[] = [];
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    for (const record of body.split('\n').slice(0, -1)) records.push(record);
    response.writeHead(204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no TCP address');

  return {
    destination: {
      id: 'webhook',
      type: 'webhook',
      url: `http://127.0.0.1:${address.port}/`,
      insecureTransport: true,
      format: 'raw',
    },
    records,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const body = await buffer(request);
  return (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString();
}
