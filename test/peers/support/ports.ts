import { once } from 'node:events';
import { connect, createServer } from 'node:net';

import { until } from './until.ts';

/** Below those that the kernel hands out for connections, which may be taken before a server binds. */
const FIRST_PORT = 10_000;
const PORTS = 20_000;
let next = Math.floor(Math.random() * PORTS);

/** A TCP port of 127.0.0.1 that nobody listens on now, and that is handed out only once. */
export async function freePort(): Promise<number> {
  for (;;) {
    next = (next + 1) % PORTS;
    const port = FIRST_PORT + next;
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}

/** Returns once somebody accepts connections on the port. */
export async function untilListening(port: number): Promise<void> {
  await until(`somebody listens on port ${port}`, () => accepts(port));
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
