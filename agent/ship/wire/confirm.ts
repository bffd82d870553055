import type { SealedBatch } from '../../model/batch.ts';
import type { Grade, Outcome } from '../../model/outcome.ts';
import { isCut, outcomeOf, PeerClosedError, retry, WireError } from './fault.ts';
import { createKeptLine } from './kept-line.ts';
import { type Line, PATIENCE_MS } from './line.ts';

/** With `stream` a batch is open until it has settled, so many must be open at once to keep the line busy. */
const STREAM_CONCURRENCY = 64;
/** A close_notify has 24 bytes in TLS 1.3 and 85 at most in 1.2; a ticket for resumption, which may be late, has more. */
const MAX_ALERT_BYTES = 100;
/** The same batch cut off this often is taken for a rejection. */
const CUTS_TO_REJECT = 3;

const MOST_PATIENCE_MS = 300_000;
/** Before the same batch would count as rejected. */
const BARE_ENDS_TO_BELIEVE = CUTS_TO_REJECT;
/** In less nobody is restarted behind a balancer, whose retries are a second apart. */
const SLOW_OPEN_MS = 1_000;
/** So many in a row, and it is the receiver that is slow. */
const SLOW_OPENS_TO_BELIEVE = 3;

/** A way to learn that a stream receiver, which never answers, has what was sent. */
export interface Confirmation {
  readonly grade: Grade;
  readonly concurrency: number;
  send(batch: SealedBatch, signal: AbortSignal): Promise<Outcome>;
  probe(signal: AbortSignal): Promise<Outcome>;
  close(signal: AbortSignal): Promise<void>;
}

interface StreamReceiver {
  /** For messages. */
  readonly name: string;
  readonly settleMs: number;
  open(signal: AbortSignal): Promise<Line>;
}

/**
 * One connection for one batch: nothing counts before the peer has answered our FIN with its own. A receiver that
 * hangs up on a message for its size sends a FIN too, so a batch with a larger one than it ever took is sent warily.
 */
export function confirmByClose({ name, settleMs, open }: StreamReceiver): Confirmation {
  const judge = createCutJudge(name);
  let provenBytes = -1;
  let notifies = false;
  let bareEnds = 0;
  let patienceMs = PATIENCE_MS;
  let slowOpens = 0;
  const slowOpenMs = Math.max(settleMs, SLOW_OPEN_MS);

  /**
   * A balancer, or a supervisor that keeps the socket, holds a connection until a receiver that died is back: nobody
   * hears of its death but by the time that this takes. As long as records settle, and they may have died with it.
   */
  async function openInTime(signal: AbortSignal): Promise<Line> {
    const line = await open(signal);
    slowOpens = line.awakeMs >= slowOpenMs ? slowOpens + 1 : 0;
    if (slowOpens === 0 || slowOpens >= SLOW_OPENS_TO_BELIEVE) return line;
    line.destroy();
    const seconds = (line.awakeMs / 1_000).toFixed(1);
    throw new WireError(
      retry('DST-005', `${name} took ${seconds} s to take a connection, in which it may have been restarted`),
    );
  }

  /**
   * A peer that has ever ended a connection by close_notify always does. A bare FIN is then the word of something
   * in between: a load balancer that hung up for a receiver which died with the batch. Again and again, after
   * handshakes that only a living receiver can make, it is the receiver that ends in another way now.
   */
  async function finish(line: Line, signal: AbortSignal, wary: boolean): Promise<void> {
    try {
      const bytes = await line.finish(signal, { wary, patienceMs });
      patienceMs = PATIENCE_MS;
      bareEnds = bytes === 0 ? bareEnds + 1 : 0;
      if (notifies && bareEnds > 0 && bareEnds < BARE_ENDS_TO_BELIEVE) throw new PeerClosedError();
      notifies = bytes > 0 && (notifies || bytes <= MAX_ALERT_BYTES);
    } finally {
      // A receiver that is slow has not read the batch yet: with the same patience it would get it again and again.
      if (line.unanswered) patienceMs = Math.min(2 * patienceMs, MOST_PATIENCE_MS);
      line.destroy();
    }
  }

  async function exchange(line: Line, batch: SealedBatch, signal: AbortSignal): Promise<Outcome> {
    const largest = Math.max(0, ...batch.records.map(({ bytes }) => bytes.length));
    try {
      await line.write(batch.wire, signal);
      await finish(line, signal, largest > provenBytes);
      provenBytes = Math.max(provenBytes, largest);
      return { kind: 'ok', grade: 'peer-read', finalAfterMs: settleMs };
    } catch (error) {
      provenBytes = -1;
      return judge(error, batch, line);
    }
  }

  return {
    grade: 'peer-read',
    concurrency: 1,
    send: (batch, signal) => answerOf(name, async () => exchange(await openInTime(signal), batch, signal)),
    probe: (signal) =>
      answerOf(name, async () => {
        const line = await openInTime(signal);
        await finish(line, signal, true);
        return { kind: 'ok', grade: 'peer-read' };
      }),
    close: async () => {},
  };
}

/** One kept connection: final when it lived on for the settle time; a break fails every batch not yet settled. */
export function confirmByLife({ name, settleMs, open }: StreamReceiver): Confirmation {
  const judge = createCutJudge(name);
  const kept = createKeptLine(open);

  async function outlive(line: Line, batch: SealedBatch, signal: AbortSignal): Promise<Outcome> {
    try {
      await line.outlive(settleMs, signal);
      return { kind: 'ok', grade: 'kernel' };
    } catch (error) {
      return judge(error, batch, line);
    }
  }

  return {
    grade: 'kernel',
    concurrency: STREAM_CONCURRENCY,
    send: (batch, signal) =>
      answerOf(name, async () => outlive(await kept.write(batch.wire, signal), batch, signal)),
    probe: (signal) =>
      answerOf(name, async () => {
        await kept.line(signal);
        return { kind: 'ok', grade: 'kernel' };
      }),
    close: (signal) => kept.close(signal),
  };
}

async function answerOf(name: string, exchange: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await exchange();
  } catch (error) {
    return outcomeOf(error, name);
  }
}

/**
 * A stream receiver has no way to say no but to hang up. The first batch in line of a connection that was cut
 * is the suspect; the same one three times is a rejection.
 */
function createCutJudge(name: string) {
  let suspect = '';
  let times = 0;
  let judged: Line | undefined;
  return (error: unknown, batch: SealedBatch, line: Line): Outcome => {
    const outcome = outcomeOf(error, name);
    if (!isCut(error) || outcome.kind !== 'retry' || judged === line) return outcome;
    judged = line;
    times = suspect === batch.id ? times + 1 : 1;
    suspect = batch.id;
    return times < CUTS_TO_REJECT ? outcome : { kind: 'reject', why: outcome.why, code: 'cut' };
  };
}
