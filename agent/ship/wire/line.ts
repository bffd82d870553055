import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';

import type { Clock } from '../../model/clock.ts';
import type { Outcome } from '../../model/outcome.ts';
import { aborted, startTimer } from '../../model/timer.ts';
import { bytesFromPeer } from './connect.ts';
import { blocked, oneLine, PeerClosedError, retry, STOPPED, WireError } from './fault.ts';

const STALL_MS = 30_000;
/** For the peer to read what the kernels hold and to answer our FIN. */
export const PATIENCE_MS = 10_000;
const WARY_MS = 100;
const MAX_REFUSAL_MS = 2_000;
/** Small enough that a slow receiver is seen to make progress. */
const CHUNK_BYTES = 65_536;

/** An open connection that remembers what broke it, so that nothing is missed between two waits. */
export interface Line {
  readonly broken: boolean;
  /** How long this process waited for it to open. */
  readonly awakeMs: number;
  /** Resolves when the kernel has taken all bytes; rejects when the connection breaks or stalls. */
  write(bytes: Buffer, signal: AbortSignal): Promise<void>;
  /** Resolves when the connection has lived `ms` longer. */
  outlive(ms: number, signal: AbortSignal): Promise<void>;
  /**
   * Half-closes; resolves on the peer's clean FIN, which says that it has read everything. `wary`: it may turn us
   * away, so take more time to see whether it does. Answers how many bytes came with the FIN.
   */
  finish(signal: AbortSignal, manner?: EndManner): Promise<number>;
  /** The peer did not answer our FIN in time. */
  readonly unanswered: boolean;
  destroy(): void;
}

interface EndManner {
  readonly wary?: boolean;
  /** How long the peer may take to read what it was sent; absent: 10 s. */
  readonly patienceMs?: number;
}

interface LineOptions {
  /** For messages. */
  readonly name: string;
  readonly clock: Clock;
  /** How long it took to open: more than one way to the peer and back. */
  readonly openMs: number;
  /** Of these, how long this process was not busy with something else. */
  readonly awakeMs: number;
}

interface Limit {
  readonly ms: number;
  readonly late: Outcome;
  readonly signal: AbortSignal;
}

export function createLine(socket: Socket, { name, clock, openMs, awakeMs }: LineOptions): Line {
  let writtenAt = clock.monotonic();
  let fault: Error | undefined;
  let ending = false;
  let ended = false;
  let unanswered = false;
  // Every wait listens for 'close', and `stream` keeps many at a time.
  socket.setMaxListeners(0);
  socket.on('error', (error) => {
    fault ??= error;
  });
  socket.on('end', () => {
    ended = true;
    if (!ending) socket.destroy(new PeerClosedError());
  });
  socket.on('data', (bytes: Buffer) => socket.destroy(talkative(name, bytes)));

  /** Until `start` says that it is done, or the connection is gone. */
  function wait(start: (done: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        socket.off('close', done);
        resolve();
      };
      socket.once('close', done);
      start(done);
      if (socket.closed) done();
    });
  }

  async function waitAtMost(limit: Limit, start: (done: () => void) => void): Promise<void> {
    using timer = startTimer(clock, limit.ms, limit.signal);
    const giveUp = (): void => {
      socket.destroy(new WireError(timer.expired ? limit.late : STOPPED));
    };
    timer.signal.addEventListener('abort', giveUp, { once: true });
    if (timer.signal.aborted) giveUp();
    await wait(start);
    timer.signal.removeEventListener('abort', giveUp);
    if (fault) throw fault;
  }

  async function outlive(ms: number, signal: AbortSignal): Promise<void> {
    using timer = startTimer(clock, ms, signal);
    await wait((done) => void aborted(timer.signal).then(done));
    if (signal.aborted) throw new WireError(STOPPED);
    if (fault || !timer.expired) throw fault ?? new PeerClosedError();
  }

  /**
   * A receiver that does not want us (its list of senders, a client certificate that TLS 1.3 judges late), or not
   * what we sent, ends the connection. That end must not be taken for an answer to ours: it gets time to arrive.
   */
  async function awaitRefusal(signal: AbortSignal, leastMs: number): Promise<void> {
    await setImmediate();
    const enoughMs = Math.min(Math.max(openMs, leastMs), MAX_REFUSAL_MS);
    const restMs = writtenAt + enoughMs - clock.monotonic();
    if (restMs > 0 && !fault) await outlive(restMs, signal);
  }

  return {
    awakeMs,
    get broken() {
      return socket.destroyed || fault !== undefined;
    },
    async write(bytes, signal) {
      const late = retry('DST-005', `${name} took no bytes for ${STALL_MS / 1_000} s`);
      for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
        const chunk = bytes.subarray(at, at + CHUNK_BYTES);
        await waitAtMost({ ms: STALL_MS, late, signal }, (done) => socket.write(chunk, done));
      }
      writtenAt = clock.monotonic();
    },
    outlive,
    async finish(signal, { wary = false, patienceMs = PATIENCE_MS } = {}) {
      const late = retry('DST-005', `${name} did not answer the end of the connection; set confirm: stream`);
      await awaitRefusal(signal, wary ? WARY_MS : 0);
      ending = true;
      const heardBytes = bytesFromPeer(socket);
      await waitAtMost({ ms: patienceMs, late, signal }, () => socket.end()).catch((error: unknown) => {
        unanswered = error instanceof WireError && error.outcome === late;
        throw error;
      });
      if (!ended) throw new PeerClosedError();
      return bytesFromPeer(socket) - heardBytes;
    },
    get unanswered() {
      return unanswered;
    },
    destroy() {
      socket.destroy();
    },
  };
}

/** No syslog receiver ever says a word: an alert of a TLS port or the error page of a web server does. */
function talkative(name: string, bytes: Buffer): WireError {
  const words = oneLine(bytes.toString('latin1'), 40);
  const sentence = `${name} answered "${words}", but syslog has no answers; is it a TLS port, or no syslog at all?`;
  return new WireError(blocked('config', 'DST-007', sentence));
}
