import type { SealedBatch } from '../../model/batch.ts';
import type { Clock } from '../../model/clock.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { Confirmation } from './confirm.ts';
import { codeOf, outcomeOf, STOPPED, WireError } from './fault.ts';
import type { MessageRate } from './message-rate.ts';
import type { UdpSocket } from './udp-socket.ts';

/** A name may lead elsewhere by now. */
const RENEW_MS = 60_000;
/** How long a refusal may take to arrive where nothing is known of the receiver yet. */
const WARY_MS = 100;

interface UdpReceiver {
  /** For messages. */
  readonly name: string;
  readonly settleMs: number;
  readonly clock: Clock;
  readonly rate: MessageRate;
  open(signal: AbortSignal): Promise<UdpSocket>;
}

/**
 * Datagrams, of which nothing comes back but that nobody listens. A batch settles, so that word of this that
 * comes late, at the next batch or at the probe that ends its time, still sends it again.
 */
export function createUdpSender({ name, settleMs, clock, rate, open }: UdpReceiver): Confirmation {
  let socket: UdpSocket | undefined;
  let renewAt = 0;
  let wary = true;

  function drop(): void {
    socket?.close();
    socket = undefined;
  }

  async function ready(signal: AbortSignal): Promise<UdpSocket> {
    socket?.refusal.throwIfAborted();
    if (socket && clock.monotonic() < renewAt) return socket;
    drop();
    socket = await open(signal);
    renewAt = clock.monotonic() + RENEW_MS;
    if (signal.aborted) throw new WireError(STOPPED);
    return socket;
  }

  async function deliver(batch: SealedBatch, signal: AbortSignal): Promise<Outcome> {
    const current = await ready(signal);
    for (const datagram of batch.records.flatMap(({ parts, bytes }) => parts ?? [bytes])) {
      await rate.wait(signal);
      if (signal.aborted) throw new WireError(STOPPED);
      await current.send(datagram);
      current.refusal.throwIfAborted();
    }
    if (wary) await clock.sleep(WARY_MS, AbortSignal.any([signal, current.refusal]));
    current.refusal.throwIfAborted();
    wary = false;
    return { kind: 'ok', grade: 'none', finalAfterMs: settleMs };
  }

  async function answer(exchange: () => Promise<Outcome>): Promise<Outcome> {
    try {
      return await exchange();
    } catch (error) {
      drop();
      wary = true;
      return codeOf(error) === 'EMSGSIZE' ? tooLong(name) : outcomeOf(error, name);
    }
  }

  return {
    grade: 'none',
    concurrency: 1,
    send: (batch, signal) => answer(() => deliver(batch, signal)),
    /** Sends nothing: it would stand in the SIEM. */
    probe: (signal) =>
      answer(async () => {
        await ready(signal);
        return { kind: 'ok', grade: 'none' };
      }),
    close: async () => drop(),
  };
}

/** The way to the receiver takes less than what every IP network does. */
function tooLong(name: string): Outcome {
  const why = `DST-002: a datagram to ${name} is too long for the network; lower maxMessageBytes`;
  return { kind: 'reject', why, code: 'EMSGSIZE' };
}
