import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import type { Clock } from '../model/clock.ts';
import { createWorld } from './create-world.ts';
import type { Dispatcher, WatchedCall } from './dispatcher.ts';
import { createDispatcher } from './dispatcher.ts';
import type { Cloud } from './services/index.ts';
import { createCloud } from './services/index.ts';
import type { World } from './world.ts';

/** A running embedded AWS: its endpoint, and its inside for those who set the scene. */
export interface LocalAws extends Omit<Cloud, 'services'> {
  /** The endpoint of every service, account and region. */
  readonly url: string;
  readonly world: World;
  /** Tells of every call from now on. */
  watch(watcher: (call: WatchedCall) => void): void;
  close(): Promise<void>;
}

async function serve(
  dispatcher: Dispatcher,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const { method = '', headers, url = '/' } = request;
  const body = await text(request);
  const answer = await dispatcher.dispatch(
    { method, headers, body, url: new URL(url, 'http://localhost') },
    gone.signal,
  );
  if (answer.kind === 'cut') {
    request.socket.destroy();
    return;
  }
  response.sendDate = false;
  response.writeHead(answer.reply.statusCode, { ...answer.reply.headers });
  response.end(answer.reply.body);
}

/** Starts the embedded AWS on loopback; port 0 (the default) takes a free one. */
export async function startLocalAws({ clock, port = 0 }: { clock: Clock; port?: number }): Promise<LocalAws> {
  const world = createWorld(clock);
  const { services, ...inside } = createCloud(world);
  const watchers: ((call: WatchedCall) => void)[] = [];
  const dispatcher = createDispatcher(world, services, (call) => {
    for (const watcher of watchers) watcher(call);
  });
  // An idle connection is never closed under a client that is about to use it.
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    // The caller has gone: there is nobody to answer.
    serve(dispatcher, request, response).catch(() => request.socket.destroy());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');

  return {
    ...inside,
    world,
    watch: (watcher) => void watchers.push(watcher),
    url: `http://127.0.0.1:${portOf(server.address())}`,
    async close() {
      for (const service of services) service.close?.();
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new TypeError('localaws listens on a TCP port');
  return address.port;
}
