import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

import { Pool } from 'undici';

// Clients that only send what lies ready: what a receiver takes from them is what it can take.

const CHUNK_BYTES = 1_048_576;
const RELP_WINDOW = 128;
const LF = 0x0a;

export interface StreamTarget {
  readonly port: number;
  /** For TLS: the authority, and a certificate of the client's own. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string };
}

async function open({ port, tls }: StreamTarget): Promise<Socket> {
  const place = { host: '127.0.0.1', port };
  const socket = tls ? connectTls({ ...place, ...tls }) : connect(place);
  await once(socket, tls ? 'secureConnect' : 'connect');
  return socket;
}

/** Writes all frames on one connection, and returns when the receiver has ended it. */
export async function writeFrames(target: StreamTarget, frames: readonly Buffer[]): Promise<void> {
  const socket = await open(target);
  const ended = once(socket, 'end');
  socket.resume();
  const all = Buffer.concat(frames);
  for (let at = 0; at < all.length; at += CHUNK_BYTES) {
    if (!socket.write(all.subarray(at, at + CHUNK_BYTES))) await once(socket, 'drain');
  }
  socket.end();
  await ended;
}

/** Sends all messages in one RELP session, and returns when each is answered. */
export async function sendByRelp(target: StreamTarget, messages: readonly Buffer[]): Promise<void> {
  const socket = await open(target);
  const offers = 'relp_version=0\nrelp_software=bench\ncommands=syslog';
  socket.write(`1 open ${offers.length} ${offers}\n`);
  await once(socket, 'data');
  const frames = messages.map((message, at) =>
    Buffer.concat([Buffer.from(`${at + 2} syslog ${message.length} `), message, Buffer.from('\n')]),
  );
  let answered = 0;
  let sent = 0;
  const fill = (): void => {
    const end = Math.min(frames.length, answered + RELP_WINDOW);
    if (end > sent) socket.write(Buffer.concat(frames.slice(sent, end)));
    sent = end;
  };
  const done = new Promise<void>((resolve, reject) => {
    socket.once('close', () => reject(new Error('the RELP session ended early')));
    socket.on('data', (chunk: Buffer) => {
      // Each answer is one line.
      for (const byte of chunk) if (byte === LF) answered += 1;
      if (answered >= frames.length) resolve();
      else fill();
    });
  });
  fill();
  await done;
  socket.destroy();
}

export interface PostTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly concurrency: number;
}

/** Posts all bodies, so many at once, and returns when each is answered. */
export async function postBodies(target: PostTarget, bodies: readonly Buffer[]): Promise<void> {
  const { url, headers, concurrency } = target;
  const { origin, pathname, search } = new URL(url);
  const pool = new Pool(origin, { connections: concurrency });
  const rest = bodies.values();
  const post = async (): Promise<void> => {
    for (const body of rest) {
      const answer = await pool.request({ method: 'POST', path: pathname + search, headers, body });
      await answer.body.dump();
      if (answer.statusCode >= 300) throw new Error(`the receiver answers ${answer.statusCode}`);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, post));
  await pool.close();
}
