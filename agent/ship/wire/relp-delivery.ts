import type { EncodedRecord, SealedBatch } from '../../model/batch.ts';
import type { Clock } from '../../model/clock.ts';
import type { Outcome } from '../../model/outcome.ts';
import { onAbort } from '../../model/timer.ts';
import { forEachRecord } from '../seal.ts';
import { isCut, outcomeOf, retry, STOPPED, WireError } from './fault.ts';
import type { RelpSession, Verdict } from './relp-session.ts';
import { createRelpSessions } from './relp-sessions.ts';
import { createStrikes } from './strikes.ts';

/** Before a refused record is tried on another session. */
const PAUSE_MS = 500;

/** What the answers of a RELP server mean for records and batches. */
export interface RelpDelivery {
  send(batch: SealedBatch, signal: AbortSignal): Promise<readonly Outcome[]>;
  probe(signal: AbortSignal): Promise<Outcome>;
  close(signal: AbortSignal): Promise<void>;
}

interface RelpReceiver {
  /** For messages. */
  readonly name: string;
  readonly settleMs: number;
  readonly clock: Clock;
  open(signal: AbortSignal): Promise<RelpSession>;
}

/** What became of a record. */
interface Fate {
  readonly verdict: Verdict;
  /** Nothing more speaks for trying it again. */
  readonly isOut: boolean;
  /** The server took others after it had refused this one. */
  readonly isWitnessed: boolean;
}

export function createRelpDelivery({ name, settleMs, clock, open }: RelpReceiver): RelpDelivery {
  const sessions = createRelpSessions(open, settleMs);
  const strikes = createStrikes();
  let taken = 0;

  /** All messages of a record, as one. */
  async function exchange(record: EncodedRecord, session: RelpSession): Promise<Verdict> {
    const alone = strikes.isSuspect(record.id);
    const messages = record.parts ?? [record.bytes];
    const verdicts = await Promise.all(messages.map((message) => session.send(message, alone)));
    return verdicts.find(({ kind }) => kind !== 'taken') ?? { kind: 'taken' };
  }

  async function deliver(record: EncodedRecord, first: RelpSession, signal: AbortSignal): Promise<Fate> {
    let session = first;
    let takenBefore: number | undefined;
    for (;;) {
      const verdict = await exchange(record, session);
      if (verdict.kind !== 'refused') return fateOf(record.id, verdict);
      takenBefore ??= taken;
      // What it was refused for may be a state that only this session has.
      sessions.retire(session);
      if (strikes.add(record.id)) return { verdict, isOut: true, isWitnessed: taken > takenBefore };
      await clock.sleep(PAUSE_MS, signal);
      session = await sessions.get(signal);
    }
  }

  function fateOf(id: string, verdict: Verdict): Fate {
    const isCutOff = verdict.kind === 'lost' && isCut(verdict.fault);
    const isOut = isCutOff && strikes.add(id) && verdict.alone;
    if (verdict.kind === 'taken') {
      taken += 1;
      strikes.clear(id);
    }
    return { verdict, isOut, isWitnessed: false };
  }

  function outcomeFor({ verdict }: Fate): Outcome {
    switch (verdict.kind) {
      case 'taken':
        return { kind: 'ok', grade: 'accepted', finalAfterMs: settleMs };
      case 'refused':
        return retry('DST-005', `${name} answered a message with ${verdict.words}`);
      case 'lost':
      case 'unsent':
        return outcomeOf(verdict.fault, name);
    }
  }

  async function send(batch: SealedBatch, signal: AbortSignal): Promise<readonly Outcome[]> {
    using _sending = onAbort(signal, () => sessions.end(new WireError(STOPPED)));
    const session = await sessions.get(signal);
    const fates = await Promise.all(
      batch.records.map((record) => deliver(record, session, signal).catch(unsent)),
    );
    // Others of this batch may have been taken before the server began to refuse whatever comes.
    const othersTaken = fates.some(({ verdict }) => verdict.kind === 'taken');
    return fates.map((fate) => {
      const outcome = outcomeFor(fate);
      const isSure = fate.isOut && (fate.isWitnessed || !othersTaken);
      return isSure && outcome.kind === 'retry' ? { kind: 'reject', why: outcome.why } : outcome;
    });
  }

  return {
    send: (batch, signal) =>
      send(batch, signal).catch((error: unknown) => forEachRecord(batch, outcomeOf(error, name))),
    probe: (signal) =>
      sessions.probe(signal).then(
        () => ({ kind: 'ok', grade: 'accepted' }),
        (error: unknown) => outcomeOf(error, name),
      ),
    close: sessions.close,
  };
}

function unsent(error: unknown): Fate {
  const fault = error instanceof Error ? error : new Error(String(error));
  return { verdict: { kind: 'unsent', fault }, isOut: false, isWitnessed: false };
}
