import type { Clock } from '../model/clock.ts';
import type { Logger } from '../model/logger.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Sink } from '../model/sink.ts';
import { aborted, startTimer } from '../model/timer.ts';
import { type Alarm, createAlarm } from './alarm.ts';
import { Answering, type Asked, type Tally } from './answering.ts';
import { type Batcher, createBatcher } from './batcher.ts';
import { type Circuit, createCircuit, refusesAll } from './circuit.ts';
import { type Condemned, createCondemned, type Rejection } from './condemned.ts';
import type { Batch, Custody } from './custody.ts';
import { createPoisonRule, type LoneVerdict, type PoisonRule } from './poison.ts';
import type { Quarantine } from './quarantine.ts';
import { createSettleWindow, type SettleWindow } from './settle.ts';
import type { Submission } from './shipper.ts';

interface EngineOptions {
  readonly destination: string;
  readonly sink: Sink;
  readonly custody: Custody;
  readonly clock: Clock;
  readonly random: () => number;
  readonly quarantine: Quarantine;
  readonly lone?: LoneVerdict | undefined;
  readonly logger: Logger;
  /** The circuit changed. */
  onChange(): void;
}

const BROKEN_PROMISE = {
  kind: 'retry',
  why: 'INT-001: the sink failed where it should have answered',
} as const satisfies Outcome;

/**
 * Keeps the batches of one destination moving. Whatever happens comes in through `#after`, which then decides
 * everything that is to be done now; there is no await in between.
 */
export class Engine {
  readonly #options: EngineOptions;
  readonly #batcher: Batcher;
  readonly #circuit: Circuit;
  readonly #condemned: Condemned;
  readonly #answering: Answering;
  readonly #alarm: Alarm;
  readonly #settling: SettleWindow = createSettleWindow();
  readonly #poison: PoisonRule;
  readonly #stop = new AbortController();
  readonly #drained = new AbortController();
  #onWire = 0;
  #probing = false;
  #closing = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#batcher = createBatcher(options.sink);
    this.#circuit = createCircuit(options);
    this.#poison = createPoisonRule(options.lone);
    this.#alarm = createAlarm(options.clock, () => this.#after(() => {}));
    this.#condemned = createCondemned({
      ...options,
      onWritten: (batch, rejection) => this.#after(() => this.#written(batch, rejection)),
      onFailed: (detail) => this.#after(() => this.#block(detail)),
    });
    this.#answering = new Answering({
      ...options,
      batcher: this.#batcher,
      settling: this.#settling,
      poison: this.#poison,
      condemned: this.#condemned,
      circuit: this.#circuit,
    });
  }

  get view(): Circuit['view'] {
    return this.#circuit.view;
  }

  get tally(): Readonly<Tally> {
    return this.#answering.tally;
  }

  add(submission: Submission): void {
    const { custody, clock } = this.#options;
    this.#after(() => this.#batcher.add(custody.take(submission, clock.monotonic())));
  }

  flush(): void {
    this.#after(() => this.#batcher.flush(this.#options.clock.monotonic()));
  }

  withdraw(owner: object): void {
    this.#after(() => {
      const { custody } = this.#options;
      const items = custody.withdraw(owner);
      for (const { batch } of items) if (batch) this.#leave(batch);
      if (items.some(({ batch }) => !batch)) custody.drop(this.#batcher.dropWithdrawn());
    });
  }

  async close(deadlineMs: number): Promise<void> {
    const { clock, sink } = this.#options;
    const deadlineAt = clock.monotonic() + deadlineMs;
    using timer = startTimer(clock, deadlineMs);
    this.#after(() => {
      this.#closing = true;
    });
    await Promise.race([aborted(this.#drained.signal), aborted(timer.signal)]);
    this.#stop.abort();
    this.#alarm.stop();
    await sink.close(Math.max(0, deadlineAt - clock.monotonic()));
  }

  #after(event: () => void): void {
    if (this.#stop.signal.aborted) return;
    try {
      event();
      this.#decide(this.#options.clock.monotonic());
    } catch (error) {
      const { logger, destination } = this.#options;
      logger.error('delivery met a fault of its own', { destination, error });
    }
  }

  #decide(nowMs: number): void {
    this.#wakeCircuit(nowMs);
    for (let batch = this.#next(nowMs); batch; batch = this.#next(nowMs)) this.#launch(batch);
    this.#blockWhenStuck();
    if (this.#mustProve(nowMs) || this.#lacksTrial()) void this.#probe();
    this.#setAlarm();
    if (this.#closing && this.#isIdle()) this.#drained.abort();
  }

  #wakeCircuit(nowMs: number): void {
    const { dueAt, state } = this.#circuit;
    if (dueAt === undefined || dueAt > nowMs || this.#isTrying()) return;
    if (state === 'retrying') this.#circuit.halfOpen();
    else if (this.#condemned.unwritten > 0) this.#condemned.tryAgain();
    else void this.#probe();
  }

  /** Something is under way that will end the block, or prolong it. */
  #isTrying(): boolean {
    return this.#probing || this.#condemned.writing > 0;
  }

  #next(nowMs: number): Batch | undefined {
    if (!this.#admits()) return undefined;
    if (this.#circuit.state !== 'half-open' || this.#poison.size === 0) return this.#batcher.next(nowMs);
    // While records are held, another one must show, alone, whether the destination takes any.
    return this.#batcher.single() ?? this.#poison.next();
  }

  #admits(): boolean {
    if (this.#closing) return false;
    if (this.#circuit.state === 'half-open') return this.#onWire === 0;
    return this.#circuit.state === 'closed' && this.#onWire < this.#options.sink.caps.concurrency;
  }

  #launch(batch: Batch): void {
    const asked = this.#asked();
    this.#onWire += 1;
    batch.place = 'wire';
    void this.#send(batch).then((outcomes) => {
      this.#onWire -= 1;
      this.#after(() => this.#answering.answered(batch, outcomes, asked));
    });
  }

  #asked(): Asked {
    return { startedAt: this.#options.clock.monotonic(), generation: this.#circuit.generation };
  }

  async #send({ sealed }: Batch): Promise<readonly Outcome[]> {
    const { sink, logger, destination } = this.#options;
    const { length } = sealed.records;
    const outcomes = await this.#ask(() => sink.send(sealed, this.#stop.signal));
    logger.debug('batch answered', { destination, records: length, outcome: outcomes?.[0] });
    return outcomes?.length === length ? outcomes : sealed.records.map(() => BROKEN_PROMISE);
  }

  /** A sink that throws has broken its promise; what it was asked is simply asked again. */
  async #ask<T>(question: () => Promise<T>): Promise<T | undefined> {
    try {
      return await question();
    } catch (error) {
      const { logger, destination } = this.#options;
      logger.error('a sink failed where it should have answered', { destination, error });
      return undefined;
    }
  }

  /** A record is held until others show what is wrong, but then all of these were withdrawn. */
  #blockWhenStuck(): void {
    if (this.#poison.size === 0 || this.#onWire > 0 || !this.#batcher.empty) return;
    if (this.#circuit.state === 'closed')
      this.#circuit.failed(this.#circuit.generation, refusesAll(this.#poison.why));
  }

  /** A settle time is over, and nothing on the wire will tell whether the destination still lives. */
  #mustProve(nowMs: number): boolean {
    const { dueAt } = this.#settling;
    return dueAt !== undefined && dueAt <= nowMs && this.#onWire === 0 && !this.#probing;
  }

  /** Every record that could show whether the destination takes records again was withdrawn. */
  #lacksTrial(): boolean {
    if (this.#circuit.state !== 'half-open' || this.#closing || this.#probing) return false;
    return this.#onWire === 0 && this.#batcher.empty && this.#poison.size === 0;
  }

  async #probe(): Promise<void> {
    const { sink } = this.#options;
    const asked = this.#asked();
    this.#probing = true;
    const outcome = await this.#ask(() => sink.probe(this.#stop.signal));
    this.#probing = false;
    this.#after(() => this.#probed(outcome ?? BROKEN_PROMISE, asked));
  }

  #probed(outcome: Outcome, { startedAt, generation }: Asked): void {
    const { state } = this.#circuit;
    if (outcome.kind === 'ok') {
      this.#answering.proved(startedAt);
      if (state === 'blocked' || state === 'half-open') this.#reopen();
      return;
    }
    const failure = outcome.kind === 'reject' ? BROKEN_PROMISE : outcome;
    if (state === 'blocked') this.#circuit.stayBlocked(failure);
    else this.#answering.failed(failure, generation);
  }

  #reopen(): void {
    if (this.#batcher.empty && this.#poison.size === 0) this.#circuit.close();
    else this.#circuit.halfOpen();
  }

  #setAlarm(): void {
    if (this.#admits()) this.#alarm.ringBy(this.#batcher.dueAt());
    if (this.#onWire === 0 && !this.#probing) this.#alarm.ringBy(this.#settling.dueAt);
    if (!this.#isTrying()) this.#alarm.ringBy(this.#circuit.dueAt);
  }

  #isIdle(): boolean {
    return this.#onWire === 0 && this.#settling.size === 0 && this.#condemned.writing === 0;
  }

  #written({ items, live }: Batch, { why, code }: Rejection): void {
    this.#answering.tally.quarantined += live;
    this.#options.custody.finish(items, { kind: 'quarantined', why, ...(code !== undefined && { code }) });
    const isDone = this.#condemned.unwritten + this.#condemned.writing === 0;
    if (this.#circuit.state === 'blocked' && isDone) this.#reopen();
  }

  #block(detail: string): void {
    this.#circuit.failed(this.#circuit.generation, { kind: 'blocked', why: 'config', detail });
  }

  /** One record of a batch was withdrawn; without any left the batch goes, unless it is on the wire. */
  #leave(batch: Batch): void {
    batch.live -= 1;
    if (batch.live > 0 || batch.place === 'wire') return;
    for (const room of [this.#batcher, this.#settling, this.#poison]) room.remove(batch);
    this.#options.custody.drop(batch.items);
  }
}
