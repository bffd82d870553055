import type { Clock } from '../model/clock.ts';
import type { Grade, Outcome } from '../model/outcome.ts';
import type { Sink } from '../model/sink.ts';
import { type Answers, sortAnswers } from './answers.ts';
import type { Batcher } from './batcher.ts';
import { type Circuit, type Failure, refusesAll } from './circuit.ts';
import type { Condemned } from './condemned.ts';
import type { Batch, Custody, Item } from './custody.ts';
import type { PoisonRule } from './poison.ts';
import type { SettleWindow } from './settle.ts';

/** Two records that are refused one after the other, and nothing taken between them, are not a coincidence. */
const HELD_TO_BLOCK = 2;

export interface Tally {
  grade: Grade;
  lastAckAt: number | undefined;
  delivered: number;
  retries: number;
  quarantined: number;
}

/** Acts on what the destination says: every record goes on to settle, to be final, to be sent again or to be judged. */
export interface Answering {
  readonly tally: Tally;
  /** `generation`: of the circuit, when the batch was sent. */
  answered(batch: Batch, outcomes: readonly Outcome[], generation: number): void;
  /** The destination was alive at this time of the monotonic clock. */
  proved(nowMs: number): void;
  /** The destination failed: what has not settled is sent again. */
  failed(failure: Failure, generation: number): void;
}

interface Rooms {
  readonly sink: Sink;
  readonly clock: Clock;
  readonly custody: Custody;
  readonly batcher: Batcher;
  readonly settling: SettleWindow;
  readonly poison: PoisonRule;
  readonly condemned: Condemned;
  readonly circuit: Circuit;
}

export function createAnswering(rooms: Rooms): Answering {
  const { sink, clock, custody, batcher, settling, poison, condemned, circuit } = rooms;
  const tally: Tally = {
    grade: sink.caps.grade,
    lastAckAt: undefined,
    delivered: 0,
    retries: 0,
    quarantined: 0,
  };

  /** The batch of these of its items that are still wanted; as it is, if they are all. */
  function part(batch: Batch, items: readonly Item[]): Batch | undefined {
    if (items.length === batch.items.length && batch.live > 0) return batch;
    custody.drop(items.filter((item) => item.withdrawn));
    const wanted = items.filter((item) => !item.withdrawn);
    return wanted.length > 0 ? batcher.reseal(wanted, batch) : undefined;
  }

  function giveBack(batch: Batch, items: readonly Item[]): void {
    const back = items.length > 0 ? part(batch, items) : undefined;
    if (back) batcher.putBack([back]);
  }

  function finish(items: readonly Item[], grade: Grade): void {
    tally.delivered += items.length;
    custody.finish(items, { kind: 'final', grade });
  }

  function proved(nowMs: number): void {
    for (const { batch, grade } of settling.proved(nowMs)) finish(batch.items, grade);
  }

  function accept(batch: Batch, { ok, taken }: Answers): void {
    if (!taken) return;
    tally.lastAckAt = clock.now();
    tally.grade = taken.grade;
    const held = poison.accepted(ok.length);
    batcher.putBack(held);
    // The destination does take records, so it is not the destination that is to blame for the held ones.
    if (held.length > 0 && circuit.state === 'blocked') circuit.halfOpen();
    proved(clock.monotonic());
    settle(batch, ok, taken);
  }

  function settle(
    batch: Batch,
    items: readonly Item[],
    { grade, finalAfterMs = 0 }: NonNullable<Answers['taken']>,
  ): void {
    if (finalAfterMs === 0) {
      finish(items, grade);
      return;
    }
    const taken = part(batch, items);
    if (taken) settling.add({ batch: taken, grade, finalAt: clock.monotonic() + finalAfterMs });
  }

  function failed(failure: Failure, generation: number): void {
    batcher.putBack(settling.failed());
    if (failure.kind === 'retry') tally.retries += 1;
    circuit.failed(generation, failure);
  }

  /** Rejected records, apart where the destination named them, else together. */
  function suspects(batch: Batch, { reject }: Answers) {
    const apart = sink.caps.perRecord ? reject.map((one) => [one]) : reject.length > 0 ? [reject] : [];
    return apart.flatMap((group) => {
      const [first] = group;
      const suspect = part(
        batch,
        group.map(({ item }) => item),
      );
      if (!first || !suspect) return [];
      poison.rejected(suspect);
      return [{ suspect, rejection: first.outcome }];
    });
  }

  function judge(suspect: Batch, rejection: Answers['reject'][number]['outcome'], generation: number): void {
    switch (poison.verdict(suspect)) {
      case 'split':
        batcher.putBack(halves(suspect));
        return;
      case 'quarantine':
        condemned.add(suspect, rejection);
        return;
      case 'hold':
        poison.hold(suspect, rejection.why);
        if (poison.size < HELD_TO_BLOCK && !batcher.empty) return;
        circuit.failed(generation, refusesAll(rejection.why));
    }
  }

  function halves(batch: Batch): readonly Batch[] {
    const wanted = batch.items.filter((item) => !item.withdrawn);
    custody.drop(batch.items.filter((item) => item.withdrawn));
    const middle = wanted.length >> 1;
    const parts = [wanted.slice(0, middle), wanted.slice(middle)];
    return parts.filter((items) => items.length > 0).map((items) => batcher.reseal(items, batch));
  }

  return {
    tally,
    proved,
    failed,
    answered(batch, outcomes, generation) {
      const answers = sortAnswers(batch.items, outcomes);
      // A rejection is noted before the acceptances of the same answer, so that these count as evidence.
      const rejected = suspects(batch, answers);
      accept(batch, answers);
      giveBack(batch, answers.retry);
      giveBack(batch, answers.blocked);
      for (const { suspect, rejection } of rejected) judge(suspect, rejection, generation);
      const failure = answers.block ?? answers.failure;
      if (failure) failed(failure, generation);
      else if (answers.taken) circuit.succeeded(generation);
    },
  };
}
