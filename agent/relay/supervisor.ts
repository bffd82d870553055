import { tracingChannel } from 'node:diagnostics_channel';

import type { CheckpointStore, Lease, SourceSpec } from '../checkpoint/store.ts';
import type { Origins } from '../discover/sources.ts';
import type { Clock } from '../model/clock.ts';
import type { LogEvent } from '../model/log-event.ts';
import type { Logger } from '../model/logger.ts';
import type { Rec, RenderableRec } from '../model/record.ts';
import type { Spool } from '../spool/spool.ts';
import { backoffMs } from '../tail/backoff.ts';
import type { GroupFacts, ReadFailure } from '../tail/read.ts';
import type { Reader, ReaderMemory } from '../tail/reader.ts';
import { begin } from './begin.ts';
import type { CanarySettings } from './canary-watch.ts';
import type { Copies } from './copies.ts';
import type { Destination } from './destination.ts';
import type { Gap } from './gap.ts';
import { firstGroupCheckMs, isToCatchUp, nextGroupCheckMs } from './group-check.ts';
import type { MemoryBudget } from './memory-budget.ts';
import type { PlumbingSettings } from './plumbing-watch.ts';
import type { DeliveredRecord, RunContext } from './run-context.ts';
import {
  createSourceMemory,
  noteFailure,
  noteOrigins,
  noteRetention,
  type SourceMemory,
} from './source-memory.ts';
import { type RunEnd, type RunOptions, SourceRun } from './source-run.ts';
import type { Stop } from './stop.ts';
import { createWake } from './wake.ts';

const MAX_CLAIM = 200;

/** What `tracing:guardrelay:lease:*` of `node:diagnostics_channel` publishes: one source, from claim to release. */
export interface LeaseTrace {
  readonly lease: Lease;
}

const LEASES = tracingChannel<unknown, LeaseTrace>('guardrelay:lease');

/** What serves one source for one lease. */
export interface SourceSetup {
  readonly reader: Reader;
  readonly destinations: ReadonlyMap<string, Destination>;
  readonly startAt: string;
  readonly options: RunOptions;
  readonly copies?: Copies | undefined;
  readonly spool?: Spool | undefined;
  /** Of a hub. */
  readonly origins?: Origins | undefined;
  /** Absent: nothing of our own goes through the findings rule. */
  readonly canary?: CanarySettings | undefined;
  readonly plumbing?: PlumbingSettings | undefined;
  normalize(event: LogEvent): readonly Rec[];
}

export interface SupervisorDeps {
  readonly store: CheckpointStore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly budget: MemoryBudget;
  /** The name of this process in the store; never that of an earlier one. */
  readonly owner: string;
  readonly leaseMs: number;
  readonly maxRuns: number;
  /** Nothing is due: look again after this, ± half of it, so that several agents do not ask in step. */
  readonly idleMs: number;
  /** Made anew for each lease: thousands of sources wait, and only some are served. */
  setup(spec: SourceSpec, reading: ReaderMemory): SourceSetup;
  /** Facts that an earlier process stored. */
  remembered(source: string): SourceMemory['facts'] | undefined;
  /** A log event of this source was given to at least one destination. */
  handedOut(spec: SourceSpec, event: LogEvent, records: readonly RenderableRec[]): void;
  delivered(record: DeliveredRecord): void;
  lost(gap: Gap): void;
  beforeCommit(): void;
}

/** A source that is being served; `run`: once its log group was met. */
interface Held {
  readonly lease: Lease;
  run?: SourceRun;
}

/** Claims due sources and serves them, each on its own: one that fails never stops another. */
export class Supervisor {
  readonly #deps: SupervisorDeps;
  readonly #memories = new Map<string, SourceMemory>();
  readonly #runs = new Map<string, Held>();
  readonly #serving = new Set<Promise<void>>();
  readonly #ends = new Map<string, RunEnd>();
  #movedAt = 0;
  #storeAnswers = true;

  constructor(deps: SupervisorDeps) {
    this.#deps = deps;
  }

  /** How each source's last lease ended. */
  get ends(): ReadonlyMap<string, RunEnd> {
    return this.#ends;
  }

  /** `clock.monotonic()` of the last look at the store: the sign of life behind /livez. */
  get movedAt(): number {
    return this.#movedAt;
  }

  /** The last look at the store told what is due. */
  get storeAnswers(): boolean {
    return this.#storeAnswers;
  }

  memory(source: string): SourceMemory | undefined {
    return this.#memories.get(source);
  }

  /** These sources are gone. One that comes back is met anew: its log group may be another of the same name. */
  forget(sources: readonly string[]): void {
    for (const source of sources) this.#memories.delete(source);
  }

  /** Until `stop` or `isDone`; then waits for what is in flight. */
  async serve(stop: Stop, isDone = (): boolean => false): Promise<void> {
    const extending = new AbortController();
    const extender = this.#extendLeases(extending.signal);
    while (!stop.signal.aborted && !isDone()) await this.#claimDue(stop);
    await Promise.all(this.#serving);
    extending.abort();
    await extender;
  }

  async #claimDue(stop: Stop): Promise<void> {
    const { clock, random, idleMs } = this.#deps;
    this.#movedAt = clock.monotonic();
    const wanted = Math.min(this.#deps.maxRuns - this.#runs.size, MAX_CLAIM);
    const leases = wanted > 0 ? await this.#claim(wanted) : [];
    for (const lease of leases) if (!this.#goesOn(lease)) this.#start(lease, stop);
    if (leases.length < MAX_CLAIM) await clock.sleep(idleMs * (0.5 + random()), stop.signal);
  }

  async #claim(wanted: number): Promise<readonly Lease[]> {
    const { store, owner, leaseMs, logger } = this.#deps;
    try {
      const leases = await store.claim(owner, wanted, leaseMs);
      this.#storeAnswers = true;
      return leases;
    } catch (error) {
      this.#storeAnswers = false;
      logger.error('the checkpoint store does not answer', { code: 'AGT-002', error: String(error) });
      return [];
    }
  }

  /**
   * A lease also ends while this process stands still, or when the host's clock is set forward. Where nobody else had
   * the source since, whoever serves it here goes on under the new fence: what is in flight is not sent again.
   */
  #goesOn({ source, fence, deadline, lapsedOwner }: Lease): boolean {
    const held = this.#runs.get(source);
    if (!held) return false;
    if (lapsedOwner !== this.#deps.owner || fence !== held.lease.fence + 1n) {
      held.run?.fence();
      return false;
    }
    held.lease.fence = fence;
    held.lease.deadline = deadline;
    return true;
  }

  #start(lease: Lease, stop: Stop): void {
    const held: Held = { lease };
    this.#runs.set(lease.source, held);
    const served = LEASES.tracePromise(() => this.#serveLease(held, stop), { lease })
      .then((end) => {
        this.#ends.set(lease.source, end);
      })
      .catch((error: unknown) => {
        this.#deps.logger.error('a source could not be served', {
          code: 'INT-001',
          source: lease.source,
          error: error instanceof Error ? error.stack : String(error),
        });
      })
      .finally(() => {
        if (this.#runs.get(lease.source) === held) this.#runs.delete(lease.source);
        this.#serving.delete(served);
      });
    this.#serving.add(served);
  }

  async #serveLease(held: Held, stop: Stop): Promise<RunEnd> {
    const { lease } = held;
    const memory = this.#memoryOf(lease);
    const setup = this.#deps.setup(lease.spec, memory.reading);
    noteOrigins(memory, setup.origins, this.#deps.clock.now());
    const begun = await begin(lease, this.#beginOptions(lease, setup, memory), stop.signal);
    if (begun.kind === 'failed')
      return await this.#giveBack(lease, memory, stop.signal.aborted ? undefined : begun);
    this.#noteGroup(memory, begun.group);
    memory.gapsToTell = [...memory.gapsToTell, ...begun.lost];
    if (begun.recreated) await this.#forgetGroup(lease, begun.progress.state.generation);
    const { store, clock, budget, logger, delivered, lost, beforeCommit } = this.#deps;
    const context: RunContext = {
      ...{ lease, store, memory, budget, clock, logger, delivered, lost, beforeCommit },
      progress: begun.progress,
      destinations: setup.destinations,
      copies: setup.copies,
      spool: setup.spool,
      canary: setup.canary,
      plumbing: setup.plumbing,
      normalize: setup.normalize,
      handedOut: (event, records) => this.#deps.handedOut(lease.spec, event, records),
      wake: createWake(clock),
    };
    const run = new SourceRun(context, setup.reader, setup.options);
    held.run = run;
    const end = await run.serve(stop);
    // A group that was missing may come back as another one of the same name.
    if (memory.facts.failure?.cause === 'no-group') memory.groupCheckAt = Number.NEGATIVE_INFINITY;
    return end;
  }

  #memoryOf({ source, saved }: Lease): SourceMemory {
    const known = this.#memories.get(source);
    if (known) return known;
    const { remembered, clock, random } = this.#deps;
    const facts = remembered(source);
    // One that was gone for a while and comes back is not remembered: its group may be another of the same name.
    const checkMs = saved && facts ? firstGroupCheckMs(saved, clock.now(), random) : 0;
    const memory = createSourceMemory(facts, clock.monotonic() + checkMs);
    this.#memories.set(source, memory);
    return memory;
  }

  #noteGroup(memory: SourceMemory, group: GroupFacts | undefined): void {
    const { clock, random } = this.#deps;
    if (group) noteRetention(memory, group.retentionDays);
    if (this.#isGroupCheckDue(memory)) memory.groupCheckAt = clock.monotonic() + nextGroupCheckMs(random);
  }

  #isGroupCheckDue({ groupCheckAt }: SourceMemory): boolean {
    return this.#deps.clock.monotonic() >= groupCheckAt;
  }

  #beginOptions({ saved }: Lease, setup: SourceSetup, memory: SourceMemory) {
    const { reader, destinations, startAt, options } = setup;
    return {
      reader,
      startAt,
      destinations: [...destinations.keys()],
      sweeps: options.late.sweeps,
      checkGroup: this.#isGroupCheckDue(memory) || isToCatchUp(saved, destinations),
    };
  }

  /** First contact failed: remember why, unless we broke it off ourselves, and try again later. */
  async #giveBack(lease: Lease, memory: SourceMemory, failure?: ReadFailure): Promise<RunEnd> {
    const { store, clock, random } = this.#deps;
    if (failure) noteFailure(memory, failure, clock.now());
    const nextPollMs = failure ? Math.round(backoffMs(memory.failures, failure.retryAfterMs, random)) : 0;
    const after = { kind: 'release', nextPollMs } as const;
    await store.commit([{ lease, changes: [], facts: memory.facts, after }]);
    return 'read-failed';
  }

  async #forgetGroup(lease: Lease, generation: number): Promise<void> {
    const { store, leaseMs, logger } = this.#deps;
    logger.warn('log group was made anew', { source: lease.source });
    const change = { kind: 'generation', source: lease.source, generation } as const;
    await store.commit([{ lease, changes: [change], after: { kind: 'keep', leaseMs } }]);
  }

  async #extendLeases(signal: AbortSignal): Promise<void> {
    const { clock, leaseMs, logger } = this.#deps;
    while (!signal.aborted) {
      await clock.sleep(leaseMs / 3, signal);
      await this.#extend().catch((error: unknown) => {
        logger.error('leases could not be extended', { code: 'AGT-002', error: String(error) });
      });
    }
  }

  async #extend(): Promise<void> {
    const held = [...this.#runs.values()];
    if (held.length === 0) return;
    const results = await this.#deps.store.extend(
      held.map(({ lease }) => lease),
      this.#deps.leaseMs,
    );
    for (const [index, each] of held.entries()) if (results[index] === 'fenced') each.run?.fence();
  }
}
