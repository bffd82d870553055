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

/** When something was asked of the destination. */
export interface Asked {
  /** By the monotonic clock. */
  readonly startedAt: number;
  /** Of the circuit. */
  readonly generation: number;
}

export interface Tally {
  grade: Grade;
  /** Epoch ms. */
  lastAckAt: number | undefined;
  delivered: number;
  retries: number;
  quarantined: number;
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

interface Suspect {
  readonly batch: Batch;
  readonly rejection: Extract<Outcome, { kind: 'reject' }>;
}

/** Acts on what the destination says: records go on to settle, to be final, to be sent again or to be judged. */
export class Answering {
  readonly #rooms: Rooms;
  readonly tally: Tally;

  constructor(rooms: Rooms) {
    this.#rooms = rooms;
    const { grade } = rooms.sink.caps;
    this.tally = { grade, lastAckAt: undefined, delivered: 0, retries: 0, quarantined: 0 };
  }

  answered(batch: Batch, outcomes: readonly Outcome[], asked: Asked): void {
    const { generation } = asked;
    const answers = sortAnswers(batch.items, outcomes);
    // A rejection is noted before the acceptances of the same answer, so that these count as evidence.
    const suspects = this.#suspects(batch, answers);
    if (answers.taken) this.#accept(batch, answers.ok, answers.taken, asked.startedAt);
    this.#giveBack(batch, answers.retry);
    this.#giveBack(batch, answers.blocked);
    for (const suspect of suspects) this.#judge(suspect, generation);
    const failure = answers.block ?? answers.failure;
    if (failure) this.failed(failure, generation);
    else if (answers.taken) this.#rooms.circuit.succeeded(generation);
  }

  /**
   * An exchange that began at this time of the monotonic clock went well. It proves nothing of later times: a load
   * balancer ends a connection cleanly at the very moment at which the receiver behind it dies.
   */
  proved(startedAt: number): void {
    for (const { batch, grade } of this.#rooms.settling.proved(startedAt)) this.#finish(batch.items, grade);
  }

  /** The destination failed: what has not settled is sent again. */
  failed(failure: Failure, generation: number): void {
    const { batcher, settling, circuit } = this.#rooms;
    batcher.putBack(settling.failed());
    if (failure.kind === 'retry') this.tally.retries += 1;
    circuit.failed(generation, failure);
  }

  #accept(
    batch: Batch,
    items: readonly Item[],
    taken: NonNullable<Answers['taken']>,
    startedAt: number,
  ): void {
    const { clock, batcher, poison, circuit } = this.#rooms;
    this.tally.lastAckAt = clock.now();
    this.tally.grade = taken.grade;
    const held = poison.accepted(items.length);
    batcher.putBack(held);
    // The destination does take records, so it is not the destination that is to blame for the held ones.
    if (held.length > 0 && circuit.state === 'blocked') circuit.halfOpen();
    this.proved(startedAt);
    this.#settle(batch, items, taken);
  }

  #settle(
    batch: Batch,
    items: readonly Item[],
    { grade, finalAfterMs = 0 }: NonNullable<Answers['taken']>,
  ): void {
    if (finalAfterMs === 0) {
      this.#finish(items, grade);
      return;
    }
    const { settling, clock } = this.#rooms;
    const taken = this.#part(batch, items);
    if (taken) settling.add({ batch: taken, grade, finalAt: clock.monotonic() + finalAfterMs });
  }

  #finish(items: readonly Item[], grade: Grade): void {
    this.tally.delivered += items.length;
    this.#rooms.custody.finish(items, { kind: 'final', grade });
  }

  #giveBack(batch: Batch, items: readonly Item[]): void {
    const back = items.length > 0 ? this.#part(batch, items) : undefined;
    if (back) this.#rooms.batcher.putBack([back]);
  }

  /** The batch of those of its items that are still wanted; as it is, if these are all its items. */
  #part(batch: Batch, items: readonly Item[]): Batch | undefined {
    if (items.length === batch.items.length && batch.live > 0) return batch;
    const wanted = this.#wanted(items);
    return wanted.length > 0 ? this.#rooms.batcher.reseal(wanted, batch) : undefined;
  }

  /** Lets go of what was withdrawn. */
  #wanted(items: readonly Item[]): readonly Item[] {
    this.#rooms.custody.drop(items.filter((item) => item.withdrawn));
    return items.filter((item) => !item.withdrawn);
  }

  /** Rejected records: each alone where the destination names them; those with the very same outcome together. */
  #suspects(batch: Batch, { reject }: Answers): readonly Suspect[] {
    const { sink, poison } = this.#rooms;
    const groups = sink.caps.perRecord ? Map.groupBy(reject, ({ outcome }) => outcome).values() : [reject];
    return [...groups].flatMap((group) => {
      const [first] = group;
      const suspect =
        first &&
        this.#part(
          batch,
          group.map(({ item }) => item),
        );
      if (!suspect) return [];
      poison.rejected(suspect);
      return [{ batch: suspect, rejection: first.outcome }];
    });
  }

  #judge({ batch, rejection }: Suspect, generation: number): void {
    const { poison, batcher, condemned, circuit } = this.#rooms;
    switch (poison.verdict(batch)) {
      case 'split':
        batcher.putBack(this.#halves(batch));
        return;
      case 'quarantine':
        condemned.add(batch, rejection);
        return;
      case 'hold':
        poison.hold(batch, rejection.why);
        if (poison.size < HELD_TO_BLOCK && !batcher.empty) return;
        circuit.failed(generation, refusesAll(rejection.why));
    }
  }

  #halves(batch: Batch): readonly Batch[] {
    const wanted = this.#wanted(batch.items);
    const middle = wanted.length >> 1;
    const halves = [wanted.slice(0, middle), wanted.slice(middle)];
    return halves.filter(({ length }) => length > 0).map((items) => this.#rooms.batcher.reseal(items, batch));
  }
}
