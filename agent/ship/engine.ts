import type { Clock } from '../model/clock.ts';
import type { Logger } from '../model/logger.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Sink } from '../model/sink.ts';
import { createAlarm } from './alarm.ts';
import { createAnswering, type Tally } from './answering.ts';
import { createBatcher } from './batcher.ts';
import { type Circuit, createCircuit, refusesAll } from './circuit.ts';
import { createCondemned } from './condemned.ts';
import type { Batch, Custody } from './custody.ts';
import { createPoisonRule } from './poison.ts';
import type { Quarantine } from './quarantine.ts';
import { createSettleWindow } from './settle.ts';
import type { Submission } from './shipper.ts';
import { aborted, startTimer } from './wire/timer.ts';

/** Keeps the batches of one destination moving. */
export interface Engine {
  readonly circuit: Circuit;
  readonly tally: Readonly<Tally>;
  add(submission: Submission): void;
  withdraw(owner: object): void;
  close(deadlineMs: number): Promise<void>;
}

interface EngineOptions {
  readonly destination: string;
  readonly sink: Sink;
  readonly custody: Custody;
  readonly clock: Clock;
  readonly random: () => number;
  readonly quarantine: Quarantine;
  readonly logger: Logger;
  onChange(): void;
}

/** All decisions are made in `pump`, without an await in between: it runs after everything that happens. */
export function createEngine(options: EngineOptions): Engine {
  const { destination, sink, custody, clock, logger } = options;
  const batcher = createBatcher(sink);
  const settling = createSettleWindow();
  const poison = createPoisonRule();
  const circuit = createCircuit(options);
  const alarm = createAlarm(clock, pump);
  const condemned = createCondemned({ ...options, onWritten, onFailed });
  const answering = createAnswering({
    ...{ sink, clock, custody, batcher, settling, poison, condemned, circuit },
  });
  const stop = new AbortController();
  const drained = new AbortController();
  let onWire = 0;
  let probing = false;
  let closing = false;

  function pump(): void {
    if (stop.signal.aborted) return;
    const nowMs = clock.monotonic();
    wakeCircuit(nowMs);
    for (let batch = next(nowMs); batch; batch = next(nowMs)) launch(batch);
    blockWhenStuck();
    if (mustProve(nowMs)) void probe();
    setAlarm();
    if (closing && isIdle()) drained.abort();
  }

  function wakeCircuit(nowMs: number): void {
    if (circuit.dueAt === undefined || circuit.dueAt > nowMs || isTrying()) return;
    if (circuit.state === 'retrying') circuit.halfOpen();
    else if (condemned.unwritten > 0) condemned.tryAgain();
    else void probe();
  }

  /** Something is under way that will end the block, or prolong it. */
  function isTrying(): boolean {
    return probing || condemned.writing > 0;
  }

  function next(nowMs: number): Batch | undefined {
    if (closing || !admits()) return undefined;
    // While records are held, another one must show, alone, whether the destination takes any.
    if (circuit.state === 'half-open' && poison.size > 0) return batcher.single() ?? poison.next();
    return batcher.next(nowMs);
  }

  function admits(): boolean {
    if (circuit.state === 'half-open') return onWire === 0;
    return circuit.state === 'closed' && onWire < sink.caps.concurrency;
  }

  function launch(batch: Batch): void {
    const { generation } = circuit;
    onWire += 1;
    batch.place = 'wire';
    send(batch)
      .then((outcomes) => {
        onWire -= 1;
        if (stop.signal.aborted) return;
        answering.answered(batch, outcomes, generation);
        pump();
      })
      .catch((error: unknown) => logger.error('delivery met a fault of its own', { destination, error }));
  }

  async function send({ sealed }: Batch): Promise<readonly Outcome[]> {
    const count = sealed.records.length;
    const outcomes = await ask(() => sink.send(sealed, stop.signal));
    logger.debug('batch answered', { destination, records: count, outcome: outcomes?.[0] });
    return outcomes?.length === count ? outcomes : sealed.records.map(() => BROKEN_PROMISE);
  }

  /** A sink that throws has broken its promise; what it was asked is simply asked again. */
  async function ask<T>(question: () => Promise<T>): Promise<T | undefined> {
    try {
      return await question();
    } catch (error) {
      logger.error('a sink failed where it should have answered', { destination, error });
      return undefined;
    }
  }

  /** The records of one owner may go while one that is held waits for them as its evidence. */
  function blockWhenStuck(): void {
    if (poison.size === 0 || circuit.state !== 'closed' || onWire > 0 || !batcher.empty) return;
    circuit.failed(circuit.generation, refusesAll(poison.why));
  }

  /** A settle time is over and nothing on the wire will tell whether the destination still lives. */
  function mustProve(nowMs: number): boolean {
    return settling.dueAt !== undefined && settling.dueAt <= nowMs && onWire === 0 && !probing;
  }

  async function probe(): Promise<void> {
    const startedAt = clock.monotonic();
    const { generation } = circuit;
    probing = true;
    const outcome = (await ask(() => sink.probe(stop.signal))) ?? BROKEN_PROMISE;
    probing = false;
    if (stop.signal.aborted) return;
    probed(outcome, { startedAt, generation });
    pump();
  }

  function probed(outcome: Outcome, { startedAt, generation }: Asked): void {
    if (outcome.kind === 'ok') {
      answering.proved(startedAt);
      if (circuit.state === 'blocked') reopen();
      return;
    }
    const failure = outcome.kind === 'reject' ? BROKEN_PROMISE : outcome;
    if (circuit.state === 'blocked') circuit.stayBlocked(failure);
    else answering.failed(failure, generation);
  }

  function reopen(): void {
    if (batcher.empty && poison.size === 0) circuit.close();
    else circuit.halfOpen();
  }

  function setAlarm(): void {
    if (!closing && admits()) alarm.ringBy(batcher.dueAt());
    if (onWire === 0 && !probing) alarm.ringBy(settling.dueAt);
    if (!isTrying()) alarm.ringBy(circuit.dueAt);
  }

  function isIdle(): boolean {
    return onWire === 0 && settling.size === 0 && condemned.writing === 0;
  }

  function onWritten(batch: Batch, why: string): void {
    answering.tally.quarantined += 1;
    custody.finish(batch.items, { kind: 'quarantined', why });
    if (circuit.state === 'blocked' && condemned.unwritten + condemned.writing === 0) reopen();
    pump();
  }

  function onFailed(detail: string): void {
    circuit.failed(circuit.generation, { kind: 'blocked', why: 'config', detail });
    pump();
  }

  return {
    circuit,
    tally: answering.tally,
    add(submission) {
      batcher.add(custody.take(submission, clock.monotonic()));
      pump();
    },
    withdraw(owner) {
      let unsealed = false;
      for (const { batch } of custody.withdraw(owner)) {
        unsealed ||= !batch;
        if (batch) leave(batch);
      }
      if (unsealed) custody.drop(batcher.dropWithdrawn());
      pump();
    },
    async close(deadlineMs) {
      const deadlineAt = clock.monotonic() + deadlineMs;
      using timer = startTimer(clock, deadlineMs);
      closing = true;
      pump();
      await Promise.race([aborted(drained.signal), aborted(timer.signal)]);
      stop.abort();
      alarm.stop();
      await sink.close(Math.max(0, deadlineAt - clock.monotonic()));
    },
  };

  /** One record of a batch was withdrawn; without any left the batch goes, unless it is on the wire. */
  function leave(batch: Batch): void {
    batch.live -= 1;
    if (batch.live > 0 || batch.place === 'wire') return;
    for (const room of [batcher, settling, poison]) room.remove(batch);
    custody.drop(batch.items);
  }
}

interface Asked {
  readonly startedAt: number;
  readonly generation: number;
}

const BROKEN_PROMISE = {
  kind: 'retry',
  why: 'INT-001: the sink failed where it should have answered',
} as const satisfies Outcome;
