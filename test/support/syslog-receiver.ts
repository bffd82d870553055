import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import type { Test } from 'tap';

import { createCondition } from './condition.ts';
import { resetSocket } from './reset-socket.ts';

/**
 * How the receiver treats a connection. `read`: to the end, and answers it. `mute`: never answers the end.
 * `hold`: answers the end when released. `cut`: resets at the first bytes. `hang-up`: ends first, in the middle.
 * `choke`: resets at a message that holds the word poison. `turn-away`: ends at once. `sleep`: reads nothing.
 */
export type SyslogManner = 'read' | 'mute' | 'hold' | 'cut' | 'hang-up' | 'choke' | 'turn-away' | 'sleep';

export interface SyslogReceiver {
  readonly port: number;
  /** In order of arrival, without their frames. */
  readonly messages: string[];
  /** All bytes of each connection. */
  readonly wires: Buffer[];
  manner: SyslogManner;
  readonly connections: number;
  /** Answers the end of every held connection. */
  release(): void;
  /** Resolves when this many messages have been read. */
  received(count: number): Promise<void>;
  /** Resolves when a peer has half-closed. */
  halfClosed(): Promise<void>;
  /** Cuts every open connection. */
  cutAll(): void;
  /** Frees the port. */
  stop(): void;
}

interface ReceiverOptions {
  readonly tls?: TlsOptions;
  readonly framing?: 'octet-counting' | 'lf';
  /** A TLS server whose certificate a test wants to change. */
  onServer?(server: Server): void;
}

/** A stream syslog receiver on loopback; closed at the end of `t`. */
export async function startSyslogReceiver(t: Test, options: ReceiverOptions = {}): Promise<SyslogReceiver> {
  const server = options.tls
    ? createTlsServer({ ...options.tls, allowHalfOpen: true }, (socket) => attend(socket))
    : createServer({ allowHalfOpen: true }, (socket) => attend(socket));
  const split = options.framing === 'lf' ? splitLines : splitOctets;
  const open = new Set<Socket>();
  const { until, changed } = createCondition();
  /** Below TLS, which has no reset. */
  const below = new Map<number | undefined, Socket>();
  let connections = 0;
  let halfClosed = 0;

  const receiver: SyslogReceiver = {
    port: 0,
    messages: [],
    wires: [],
    manner: 'read',
    get connections() {
      return connections;
    },
    release() {
      for (const socket of open) socket.end();
    },
    received: (count) => until(() => receiver.messages.length >= count),
    halfClosed: () => until(() => halfClosed > 0),
    cutAll() {
      for (const socket of open) reset(socket);
    },
    stop() {
      server.close();
      receiver.cutAll();
      // Also those that left before the handshake was over.
      for (const socket of below.values()) socket.destroy();
    },
  };

  function reset(socket: Socket): void {
    // One that has gone by itself has no port any more.
    const bottom = below.get(socket.remotePort);
    if (bottom) resetSocket(bottom);
    socket.destroy();
  }

  function attend(socket: Socket): void {
    const index = connections;
    connections += 1;
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => {});
    receiver.wires[index] = Buffer.alloc(0);
    if (receiver.manner === 'turn-away') socket.end();
    if (receiver.manner === 'sleep') return;
    let rest = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      receiver.wires[index] = Buffer.concat([receiver.wires[index] ?? Buffer.alloc(0), chunk]);
      const { messages, left } = split(Buffer.concat([rest, chunk]));
      rest = Buffer.from(left);
      take(socket, messages);
      changed();
    });
    socket.on('end', () => {
      halfClosed += 1;
      if (receiver.manner !== 'mute' && receiver.manner !== 'hold') socket.end();
      changed();
    });
  }

  function take(socket: Socket, messages: readonly string[]): void {
    const poison = messages.findIndex((message) => message.includes('poison'));
    if (receiver.manner === 'cut') reset(socket);
    else if (receiver.manner === 'choke' && poison >= 0) {
      receiver.messages.push(...messages.slice(0, poison));
      reset(socket);
    } else {
      receiver.messages.push(...messages);
      if (receiver.manner === 'hang-up') socket.end();
    }
  }

  server.on('connection', (socket: Socket) => below.set(socket.remotePort, socket));
  server.on('tlsClientError', () => {});
  options.onServer?.(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port');
  t.teardown(() => receiver.stop());
  return Object.assign(receiver, { port: address.port });
}

interface Split {
  readonly messages: readonly string[];
  readonly left: Buffer;
}

/** RFC 6587 3.4.1. Anything that is no frame ends the reading, as a strict receiver would. */
function splitOctets(bytes: Buffer): Split {
  const messages: string[] = [];
  let at = 0;
  for (;;) {
    const blank = bytes.indexOf(0x20, at);
    if (blank < 0) break;
    const length = bytes.toString('latin1', at, blank);
    if (!/^[1-9]\d*$/.test(length)) throw new Error(`no frame begins with ${length}`);
    const end = blank + 1 + Number(length);
    if (end > bytes.length) break;
    messages.push(bytes.toString('utf8', blank + 1, end));
    at = end;
  }
  return { messages, left: bytes.subarray(at) };
}

function splitLines(bytes: Buffer): Split {
  const end = bytes.lastIndexOf(0x0a) + 1;
  const messages = bytes.toString('utf8', 0, end).split('\n').slice(0, -1);
  return { messages, left: bytes.subarray(end) };
}
