import type { ServerResponse } from 'node:http';

import type { FastifyReply } from 'fastify';

import type { Clock } from '../../model/clock.ts';
import { ProblemError } from './problem.ts';

/** Clients that listen to server-sent events: so many, each so far behind, and no more. */
export interface Streams {
  /** Takes the connection over. Throws a ProblemError where too many listen. */
  open(reply: FastifyReply, stream: Stream): void;
  close(): void;
}

interface Stream {
  /** Whose it is: the number for each is bounded. */
  readonly who: string;
  /** Asked again and again: it ends for those who are no longer let in. Never rejects. */
  isWelcome(): Promise<boolean>;
  /** Sends until the returned function is called. */
  start(send: (event: unknown) => void): () => void;
}

type StreamClock = Pick<Clock, 'monotonic' | 'sleep'>;

const MAX_STREAMS = 50;
const MAX_OF_ONE = 10;
/** A client that is slower than this misses events, and is told how many. */
const MAX_WAITING_BYTES = 256 * 1024;
/** After that a client has to log in again; browsers do so by themselves. */
const MAX_LIFE_MS = 3_600_000;
/** Proxies close what says nothing for a minute. Who has logged out hears no more after as long. */
const PULSE_MS = 15_000;

export function createStreams(clock: StreamClock): Streams {
  const open = new Set<Client>();

  function admit(who: string): void {
    const own = [...open].filter((client) => client.who === who);
    if (open.size < MAX_STREAMS && own.length < MAX_OF_ONE) return;
    throw new ProblemError(429, { detail: 'too many clients listen already' });
  }

  return {
    open(reply, stream) {
      admit(stream.who);
      reply.hijack();
      const { raw } = reply;
      // It has gone while it was asked who it is, and nothing tells of that a second time.
      if (raw.destroyed) return;
      raw.writeHead(200, {
        ...headersOf(reply),
        'content-type': 'text/event-stream',
        'x-accel-buffering': 'no',
      });
      raw.write(': guardrelay\n\n');
      const client = listening(raw, stream, clock);
      open.add(client);
      client.ended.signal.addEventListener('abort', () => open.delete(client));
    },
    close() {
      for (const { ended } of open) ended.abort();
    },
  };
}

interface Client extends Pick<Stream, 'who'> {
  readonly ended: AbortController;
}

function listening(raw: ServerResponse, { who, start, isWelcome }: Stream, clock: StreamClock): Client {
  const ended = new AbortController();
  const writer = createWriter(raw);
  const stop = start(writer.send);
  ended.signal.addEventListener('abort', () => {
    // Nothing may be written after the end.
    stop();
    // Who does not read would keep the connection for as long as it likes.
    if (raw.writableNeedDrain) raw.destroy();
    else raw.end();
  });
  raw.once('close', () => ended.abort());
  void pulse().then(() => ended.abort());
  return { who, ended };

  async function pulse(): Promise<void> {
    const endsAt = clock.monotonic() + MAX_LIFE_MS;
    while (clock.monotonic() < endsAt && (await isWelcome())) {
      await clock.sleep(PULSE_MS, ended.signal);
      if (ended.signal.aborted) return;
      writer.comment('pulse');
    }
  }
}

/** Headers that hooks have set on the reply do not go out by themselves once it is hijacked. */
function headersOf(reply: FastifyReply): Record<string, string> {
  const set = Object.entries(reply.getHeaders());
  return Object.fromEntries(set.map(([name, value]) => [name, String(value)]));
}

function createWriter(raw: ServerResponse) {
  let missed = 0;

  function hasRoom(): boolean {
    return raw.writableLength < MAX_WAITING_BYTES;
  }

  return {
    send(event: unknown): void {
      if (!hasRoom()) {
        missed += 1;
        return;
      }
      if (missed > 0) raw.write(`event: missed\ndata: ${missed}\n\n`);
      missed = 0;
      raw.write(`data: ${JSON.stringify(event)}\n\n`);
    },
    comment(text: string): void {
      if (hasRoom()) raw.write(`: ${text}\n\n`);
    },
  };
}
