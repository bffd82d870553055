import { noticeRecord } from '../normalize/notice.ts';
import { backoffMs } from '../tail/backoff.ts';
import type { ReadFailure, Wanted } from '../tail/read.ts';
import type { Reader } from '../tail/reader.ts';
import type { LateOptions } from '../tail/tiers.ts';
import { planSweep } from '../tail/window.ts';
import { jitteredMs, type PollOptions, phaseMs, pollSeconds } from './cadence.ts';
import { type CanaryWatch, createCanaryWatch } from './canary-watch.ts';
import { type CatchingUp, createCatchingUp } from './catching-up.ts';
import { commit } from './commit.ts';
import { type Gap, gapKey, gapNotice, gapOf, unspooled } from './gap.ts';
import { createHandout, type Handout } from './handout.ts';
import { createIngestionRuling, type IngestionRuling } from './ingestion-rule.ts';
import { createPlumbingWatch, type PlumbingWatch } from './plumbing-watch.ts';
import { createPolling, type Polling } from './polling.ts';
import type { RunContext } from './run-context.ts';
import { createSharing, type Sharing } from './sharing.ts';
import { noteFailure, noteGap, noteRead, takeGaps } from './source-memory.ts';
import { createSpooling, type Spooling } from './spooling.ts';
import type { Stop } from './stop.ts';
import { createSweeping, type Sweeping } from './sweeping.ts';
import { createWanted } from './wanted.ts';

// Waits are cut at this length, so that a changed circuit is seen.
const TICK_MS = 1_000;
// About 70 MB of the store.
const MAX_FINISHED_IDS = 1_000_000;

export interface RunOptions {
  readonly poll: PollOptions;
  readonly late: LateOptions;
  readonly leaseMs: number;
  /** One pass: wait until everything is final instead of releasing what is behind. */
  readonly once: boolean;
  /** Of one source; above it complete sweeps stand for ids. */
  readonly maxFinishedIds?: number;
  readonly random: () => number;
}

/** How a lease ended. */
export type RunEnd = 'drained' | 'read-failed' | 'undelivered' | 'fenced';

/** Serves one leased source: reads it, hands events out, commits what became final, then gives the lease back. */
export class SourceRun {
  readonly #context: RunContext;
  readonly #reader: Reader;
  readonly #options: RunOptions;
  readonly #handout: Handout;
  readonly #sharing: Sharing;
  readonly #polling: Polling;
  readonly #sweeping: Sweeping;
  readonly #catchingUp: CatchingUp;
  readonly #spooling: Spooling;
  readonly #ruling: IngestionRuling;
  readonly #canaryWatch: CanaryWatch | undefined;
  readonly #plumbingWatch: PlumbingWatch | undefined;
  readonly #fenced = new AbortController();
  #catchUpAt = 0;
  #sweepAt = 0;
  #readFailed = false;

  constructor(context: RunContext, reader: Reader, options: RunOptions) {
    this.#context = context;
    this.#reader = reader;
    this.#options = options;
    this.#handout = createHandout(context);
    this.#sharing = createSharing(context, this.#handout, () => this.#serviceNow());
    this.#polling = this.#createPolling();
    this.#sweeping = this.#createSweeping();
    this.#catchingUp = this.#createCatchingUp();
    this.#spooling = createSpooling(context, {
      reader,
      serviceNow: () => this.#serviceNow(),
      failed: (failure) => this.#failed(failure),
    });
    const { canary, plumbing } = context;
    const serviceNow = (): number => this.#serviceNow();
    this.#canaryWatch = canary && createCanaryWatch(context, { ...canary, serviceNow });
    this.#plumbingWatch = plumbing && createPlumbingWatch(context, { ...plumbing, serviceNow });
    this.#ruling = createIngestionRuling(context, this.#handout, {
      maxFinishedIds: options.maxFinishedIds ?? MAX_FINISHED_IDS,
      serviceNow: () => this.#serviceNow(),
    });
  }

  /** Another owner has the source: send nothing more, commit nothing. */
  fence(): void {
    this.#fenced.abort();
    this.#context.wake.notify();
  }

  /** Ends when the source is idle or, after `stop`, when what is in flight is final or nothing of the drain time is left. */
  async serve(stop: Stop): Promise<RunEnd> {
    const onStop = (): void => this.#context.wake.notify();
    stop.signal.addEventListener('abort', onStop, { once: true });
    try {
      await this.#spooling.open();
      return await this.#loop(stop);
    } finally {
      stop.signal.removeEventListener('abort', onStop);
      this.#handout.withdrawAll();
    }
  }

  async #loop({ signal: stop, leftMs }: Stop): Promise<RunEnd> {
    const { wake } = this.#context;
    const reading = AbortSignal.any([stop, this.#fenced.signal]);
    for (;;) {
      if (!stop.aborted) await this.#readDue(reading);
      else this.#flush();
      if (leftMs() <= 0 || this.#isIdle(stop.aborted)) return await this.#release();
      if (!(await this.#keep())) return 'fenced';
      this.#sharing.splitStuck();
      await wake.wait(
        stop.aborted ? TICK_MS : Math.min(TICK_MS, this.#polling.untilDueMs()),
        this.#fenced.signal,
      );
    }
  }

  /** Nothing more is read: no batch waits to be full. */
  #flush(): void {
    for (const { shipper } of this.#context.destinations.values()) shipper.flush();
  }

  async #readDue(signal: AbortSignal): Promise<void> {
    const { clock } = this.#context;
    const beganAt = clock.monotonic();
    if (this.#polling.isDue()) await this.#polling.poll(signal);
    // A poll that takes longer than its interval is due again at once: sweeps get as long as it took.
    const fairUntil = 2 * clock.monotonic() - beganAt;
    await this.#catchingUp.goOn(signal);
    await this.#spooling.goOn(signal);
    const mustYield = (): boolean => this.#polling.isDue() && clock.monotonic() >= fairUntil;
    await this.#sweeping.goOn(() => mustYield() || this.#catchingUp.hasMore(), signal);
    await this.#ruling.review();
    await this.#canaryWatch?.tend(signal);
    await this.#plumbingWatch?.tend(signal);
  }

  #isIdle(stopping: boolean): boolean {
    const { progress } = this.#context;
    if (stopping) return !this.#sharing.isDraining();
    if (progress.waiting() > 0 || progress.isForgetting || this.#polling.isPaused()) return false;
    if (this.#sweeping.isUnderWay() || this.#catchingUp.isUnderWay() || this.#spooling.isUnderWay())
      return false;
    if (this.#options.once && !this.#readFailed) return progress.destinations('behind').length === 0;
    return this.#sharing.readyToCatchUp().length === 0;
  }

  async #keepAndAwaitRoom(signal: AbortSignal): Promise<void> {
    await this.#keep();
    await this.#awaitRoom(signal);
  }

  #wantedByPolls(): Wanted {
    return createWanted(
      this.#context,
      () => this.#context.progress.destinations('joined'),
      () => this.#sharing.room(),
    );
  }

  #createPolling(): Polling {
    return createPolling(this.#context, {
      ...{ reader: this.#reader, late: this.#options.late, wanted: this.#wantedByPolls() },
      begins: (destination) => this.#tellGaps(destination),
      intervalMs: () => this.#intervalMs(),
      handOut: (events) => this.#handout.give(events),
      storeAndAwaitRoom: (signal) => this.#keepAndAwaitRoom(signal),
      completed: ({ startedAt }) => {
        this.#readFailed = false;
        noteRead(this.#context.memory, startedAt);
      },
      failed: (failure) => this.#failed(failure),
    });
  }

  #createSweeping(): Sweeping {
    const { progress, clock } = this.#context;
    return createSweeping({
      ...{ progress, reader: this.#reader, wanted: this.#wantedByPolls() },
      due: () =>
        clock.monotonic() < this.#sweepAt || this.#sharing.room() <= 0
          ? undefined
          : planSweep(progress.state, this.#reader.serviceNow(), this.#options.late),
      give: (events, signal) => {
        this.#handout.give(events);
        return this.#keepAndAwaitRoom(signal);
      },
      failed: (failure) => {
        this.#sweepAt = clock.monotonic() + this.#failed(failure);
      },
    });
  }

  /** Remembers why, and answers with the wait before the next read. */
  #failed(failure: ReadFailure): number {
    const { memory, clock } = this.#context;
    this.#readFailed = true;
    noteFailure(memory, failure, clock.now());
    return backoffMs(memory.failures, failure.retryAfterMs, this.#options.random);
  }

  #createCatchingUp(): CatchingUp {
    const { clock } = this.#context;
    return createCatchingUp(this.#context, {
      ...{ reader: this.#reader, handout: this.#handout, sharing: this.#sharing },
      ready: () => (clock.monotonic() < this.#catchUpAt ? [] : this.#sharing.readyToCatchUp()),
      begins: (destination) => this.#tellGaps(destination),
      keep: () => this.#keep(),
      joined: () => this.#polling.restart(),
      failed: (failure) => {
        this.#catchUpAt = clock.monotonic() + this.#failed(failure);
      },
    });
  }

  /** Before anything is read for a destination: what may be gone since it was last given events. */
  #tellGaps(destination: string): void {
    const { progress, memory, spool, lease } = this.#context;
    const { retentionDays } = memory;
    const serviceNow = this.#serviceNow();
    const expired = gapOf(progress.position(destination), progress.state, { retentionDays, serviceNow });
    for (const gap of takeGaps(memory, destination)) this.#tellGap(gap);
    const lost = expired && unspooled(expired, spool?.of(lease.source).covered ?? []);
    if (lost) this.#tellGap(lost);
  }

  #tellGap(gap: Gap): void {
    const { memory, clock, logger, lease } = this.#context;
    if (!noteGap(memory, gap, clock.now())) return;
    this.#context.lost(gap);
    const notice = gapNotice(gap, lease.spec, clock.now());
    logger.error(notice.title, { code: notice.code, source: lease.source });
    const place = { key: gapKey(gap), timestamp: gap.from };
    this.#handout.giveNotice(gap.destination, noticeRecord(notice), place);
  }

  /** Holds the next page back until every joined destination has room, or has been split off. */
  async #awaitRoom(signal: AbortSignal): Promise<void> {
    const { clock, wake } = this.#context;
    const fullSince = clock.monotonic();
    while (this.#sharing.room() <= 0 && !signal.aborted) {
      this.#sharing.splitFull(fullSince);
      if (this.#sharing.room() > 0) return;
      await this.#keep();
      await wake.wait(TICK_MS, signal);
    }
  }

  #intervalMs(): number {
    const { memory, progress } = this.#context;
    const seconds = pollSeconds(this.#options.poll, {
      lastEventAt: memory.lastActivityAt,
      behind: progress.destinations('behind').length > 0,
      readFailed: memory.failures > 0,
      dense: progress.state.dense === true,
      now: this.#serviceNow(),
    });
    memory.facts = { ...memory.facts, pollSeconds: seconds };
    if (memory.isInPhase) return jitteredMs(seconds, this.#options.random);
    memory.isInPhase = true;
    return phaseMs(progress.state.source, seconds);
  }

  /** AWS's time; before its first answer, the time of the last read. */
  #serviceNow(): number {
    return this.#reader.serviceNow() ?? this.#context.progress.state.lastReadAt;
  }

  /** Commits what became final and keeps the lease; false: another owner has it. */
  async #keep(): Promise<boolean> {
    const changes = this.#context.progress.takeChanges(this.#context.clock.now());
    if (!changes) return !this.#fenced.signal.aborted;
    const after = { kind: 'keep', leaseMs: this.#options.leaseMs } as const;
    return await commit(this.#context, { changes, after }, this.#fenced);
  }

  async #release(): Promise<RunEnd> {
    const { progress, clock } = this.#context;
    const undelivered = progress.waiting() > 0 || progress.destinations('behind').length > 0;
    const nextPollMs = Math.round(this.#polling.untilDueMs());
    const changes = progress.takeChanges(clock.now()) ?? [];
    const after = { kind: 'release', nextPollMs } as const;
    if (!(await commit(this.#context, { changes, after }, this.#fenced))) return 'fenced';
    if (this.#readFailed) return 'read-failed';
    return undelivered ? 'undelivered' : 'drained';
  }
}
