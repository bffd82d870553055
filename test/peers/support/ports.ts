import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';

import { until } from './until.ts';

/** Below those that the kernel hands out for connections, which may be taken before a server binds. */
const FIRST_PORT = 10_000;
const PORTS = 20_000;
const LISTEN = '0A';
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

/**
 * Returns once somebody listens on the port, at whatever address. The kernel is asked, and no connection made:
 * rsyslogd 8.2302 closes the descriptor of one twice that its OpenSSL input took and that ended before a handshake.
 * The second time it may be that of another input, which hangs then, or the process dies.
 */
export async function untilListening(port: number): Promise<void> {
  await until(`somebody listens on port ${port}`, () => isListening(port));
}

/** A line of these tables: `sl local_address rem_address st …`, hexadecimal (proc_net_tcp of the kernel's documents). */
async function isListening(port: number): Promise<boolean> {
  // Without IPv6 there is one of them.
  const read = (path: string): Promise<string> => readFile(path, 'latin1').catch(() => '');
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(read));
  const end = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return tables
    .join('')
    .split('\n')
    .some((line) => {
      const [, local = '', , state] = line.trim().split(/\s+/);
      return local.endsWith(end) && state === LISTEN;
    });
}
