import type { LogEvent } from '../model/log-event.ts';
import type { Grade } from '../model/outcome.ts';
import type { Change, Position, SourceState } from '../model/position.ts';
import { denseAfter } from '../tail/density.ts';
import { covering, forgettingRanges, provedChanges } from '../tail/ingestion-rule.ts';
import { latenessAfter } from '../tail/lateness.ts';
import type { CompleteRead, WindowPlan } from '../tail/read.ts';
import { closed, outgrown, reopened } from '../tail/sweep-marks.ts';
import { finishedChanges } from './finished-changes.ts';
import { createLedger, type Ledger } from './ledger.ts';

/**
 * An EventBridge delivery may be 48 h late and nothing older than 14 days can be written: ids that stand this far
 * under every floor cannot be read again, and are forgotten.
 */
export const KEEP_IDS_MS = (21 * 24 + 1) * 3_600_000;
// Forgetting costs a range delete, so it runs once per hour of event time.
const FORGET_STEP_MS = 3_600_000;

/** A read whose sweeps are open: they close when everything it handed out is final. */
interface OpenSweeps {
  readonly plan: WindowPlan;
  readonly read: CompleteRead;
  /** Per destination: how many events had been handed out when the read ended. */
  readonly marks: ReadonlyMap<string, number>;
}

/** What a destination said of a record. */
interface Settled {
  readonly grade: Grade;
  readonly isRefused?: boolean;
}

interface Track {
  readonly ledger: Ledger;
  base: Position;
  /** Everything below this event time was offered to the destination: at first as stored, then as far as reads came. */
  offeredTo: number;
}

/**
 * How far every destination is with one source, in memory while the source is leased. It decides where floors
 * stand: a floor never passes an event that was read and is not finished, and never moves by a clock.
 */
export class Progress {
  readonly #tracks: Map<string, Track>;
  #state: SourceState;
  #openSweeps: readonly OpenSweeps[] = [];
  #proved: readonly Change[] = [];
  #closedSweeps = 0;
  #forgottenStep: number;
  #dirty: boolean;

  /** `isNew`: state and positions are not stored yet. */
  constructor(state: SourceState, positions: readonly Position[], isNew = false) {
    this.#state = state;
    this.#dirty = isNew;
    this.#tracks = new Map(
      positions.map((base) => [base.destination, { ledger: createLedger(), base, offeredTo: base.floor }]),
    );
    this.#forgottenStep = this.#forgetStep();
  }

  get state(): SourceState {
    return this.#state;
  }

  get positions(): readonly Position[] {
    return [...this.#tracks.values()].map((track) => this.#positionOf(track, track.base.updatedAt));
  }

  position(destination: string): Position {
    const track = this.#track(destination);
    return this.#positionOf(track, track.base.updatedAt);
  }

  ledger(destination: string): Ledger {
    return this.#track(destination).ledger;
  }

  /** Ids of the destinations in this mode. */
  destinations(mode: Position['mode']): readonly string[] {
    return [...this.#tracks.values()]
      .filter(({ base }) => base.mode === mode)
      .map(({ base }) => base.destination);
  }

  /** Events in flight at any destination. */
  waiting(): number {
    let waiting = 0;
    for (const { ledger } of this.#tracks.values()) waiting += ledger.waiting;
    return waiting;
  }

  /** One record of an event is final at a destination. */
  settle(destination: string, key: Uint8Array, { grade, isRefused = false }: Settled): void {
    const track = this.#track(destination);
    track.ledger.settle(key, isRefused);
    track.base = { ...track.base, grade };
    this.#dirty = true;
  }

  sawEvent(timestamp: number): void {
    if (timestamp <= (this.#state.lastEventAt ?? 0)) return;
    this.#change({ lastEventAt: timestamp });
  }

  /** Events of which some may be late, each shown once. */
  sawLate(events: readonly LogEvent[]): void {
    if (events.length === 0) return;
    const latenessP99Ms = latenessAfter(this.#state.latenessP99Ms, events);
    if (latenessP99Ms !== this.#state.latenessP99Ms) this.#change({ latenessP99Ms });
  }

  /** Pages came in time order up to here, and all of it was handed out. */
  reached(highWater: number): void {
    for (const id of this.destinations('joined')) this.#offered(id, highWater);
    if (highWater > this.#state.highWater) this.#change({ highWater });
  }

  /** Every page of a poll was handed out to `readers`, which were all that shared the polls when it began. */
  completed(plan: WindowPlan, read: CompleteRead, readers: readonly string[]): void {
    this.reached(read.highWater ?? 0);
    for (const id of readers) if (this.#isJoined(id)) this.#offered(id, this.#state.highWater);
    this.#change({ lastReadAt: Math.max(this.#state.lastReadAt, read.startedAt) });
    this.swept(plan, read, readers);
  }

  /** Every page of a read was handed out to `readers`; the sweeps that it serves are open now. */
  swept(plan: WindowPlan, read: CompleteRead, readers: readonly string[]): void {
    this.#measured(plan, read);
    // One that was split off meanwhile was not offered the rest, so the sweeps stay due.
    if (plan.due.length === 0 || !readers.every((id) => this.#isJoined(id))) return;
    const marks = new Map(readers.map((id) => [id, this.ledger(id).entered]));
    this.#openSweeps = [...this.#openSweeps, { plan, read, marks }];
  }

  /** A poll was broken off because the sweeps that it served made it long: they get a read of their own. */
  outgrew({ due }: WindowPlan, bytes: number): void {
    this.#change({ sweeps: outgrown(this.#state, { due, bytes }) });
  }

  /** A sweep was read to its end, and something that it handed out is not final yet. */
  get isSweepOpen(): boolean {
    return this.#openSweeps.length > 0;
  }

  /** Closes the sweeps all of whose events are final; answers how many were closed in this lease. */
  closeSweeps(): number {
    for (const sweeps of this.#openSweeps) {
      if (!this.#isClosed(sweeps)) continue;
      this.#openSweeps = this.#openSweeps.filter((each) => each !== sweeps);
      this.#change({ sweeps: closed(this.#state, { ...sweeps.read, due: sweeps.plan.due }) });
      this.#closedSweeps += 1;
      this.#cover(sweeps);
    }
    return this.#closedSweeps;
  }

  /** There are ids left to forget that closed sweeps prove. */
  get isForgetting(): boolean {
    return this.#proved.length > 0;
  }

  /** From now on ids are kept as far as no sweep proves them, or all of them again. */
  followIngestionRule(inForce: boolean, since: number): void {
    const covered = this.#state.ingestionRule?.covered ?? [];
    this.#change({ ingestionRule: { inForce, since, covered } });
  }

  /** Takes a destination out of the shared polls; what it had in flight will be read again for it. */
  split(destination: string, serviceNow: number): void {
    const track = this.#track(destination);
    const floor = this.#floorOf(track);
    const sweepsAtSplit = this.#state.sweeps;
    track.base = { ...track.base, mode: 'behind', splitAt: serviceNow, sweepsAtSplit, floor };
    track.offeredTo = floor;
    track.ledger.forget();
    this.#dirty = true;
  }

  /** A catch-up read handed out everything up to here, in time order. */
  caughtUpTo(destination: string, timestamp: number): void {
    this.#offered(destination, timestamp);
  }

  /** A catch-up read reached the end: the destination shares the polls again. */
  join(destination: string, { highWater = 0, startedAt }: CompleteRead): void {
    const track = this.#track(destination);
    const { splitAt, sweepsAtSplit, ...base } = track.base;
    track.base = { ...base, mode: 'joined' };
    // Polls may have read on since its last page was fetched: for them it stands where that page ended.
    this.#offered(destination, Math.max(highWater, startedAt));
    // Late events below its floor that came since the sweeps before its split were not offered to it.
    this.#openSweeps = [];
    this.#change({ sweeps: reopened(this.#state, sweepsAtSplit, splitAt) });
  }

  /** What a commit has to store; undefined: nothing new. */
  takeChanges(now: number): readonly Change[] | undefined {
    this.closeSweeps();
    if (!this.#dirty) return undefined;
    const positions = [...this.#tracks.values()].map((track) => this.#positionOf(track, now));
    const forgotten = this.#takeForgotten();
    return [
      { kind: 'state', state: this.#state },
      ...positions.map((position): Change => ({ kind: 'position', position })),
      ...finishedChanges(this.#state.source, this.#tracks.values()),
      ...this.#takeProved(),
      ...forgotten,
    ];
  }

  /** The store has what `takeChanges` gave. */
  committed(): void {
    for (const { ledger } of this.#tracks.values()) ledger.committed();
  }

  #track(destination: string): Track {
    const track = this.#tracks.get(destination);
    if (!track) throw new Error(`${this.#state.source} has no position for destination ${destination}`);
    return track;
  }

  #change(part: Partial<SourceState>): void {
    this.#state = { ...this.#state, ...part };
    this.#dirty = true;
  }

  #isJoined(destination: string): boolean {
    return this.#track(destination).base.mode === 'joined';
  }

  #offered(destination: string, timestamp: number): void {
    const track = this.#track(destination);
    if (timestamp <= track.offeredTo) return;
    track.offeredTo = timestamp;
    this.#dirty = true;
  }

  /** One that is joined may have stopped below the high water: only its restart has been there. */
  #floorOf({ base, ledger, offeredTo }: Track): number {
    const offered = base.mode === 'joined' ? Math.min(this.#state.highWater, offeredTo) : offeredTo;
    return Math.min(offered, ledger.oldest() ?? offered);
  }

  #positionOf(track: Track, updatedAt: number): Position {
    return { ...track.base, floor: this.#floorOf(track), updatedAt };
  }

  #isClosed({ marks }: OpenSweeps): boolean {
    return [...marks].every(([id, mark]) => {
      const { base, ledger } = this.#track(id);
      return base.mode === 'behind' || ledger.settledBefore(mark);
    });
  }

  /** Whoever was split off since takes no part: what it was offered is not final for it. */
  #cover({ plan, read, marks }: OpenSweeps): void {
    const { ingestionRule } = this.#state;
    if (!ingestionRule?.inForce) return;
    const bits = [...marks.keys()].filter((id) => this.#isJoined(id)).map((id) => this.#track(id).base.bit);
    const range = { from: plan.start, to: plan.end ?? read.startedAt, at: read.startedAt, bits };
    this.#proved = [...this.#proved, ...provedChanges(this.#state.source, range, read.bytes)];
    this.#change({ ingestionRule: covering(ingestionRule, range) });
  }

  /** One for each commit. */
  #takeProved(): readonly Change[] {
    const [first, ...others] = this.#proved;
    this.#proved = others;
    this.#dirty = others.length > 0;
    return first ? [first] : [];
  }

  #measured({ start, end }: WindowPlan, { startedAt, bytes }: CompleteRead): void {
    const dense = denseAfter(this.#state, { bytes, spanMs: (end ?? startedAt) - start });
    if (dense !== undefined && dense !== this.#state.dense) this.#change({ dense });
  }

  /** The lowest floor, in whole steps: as it was stored, or as it is now. */
  #forgetStep(): number {
    const floor = Math.min(...[...this.#tracks.values()].map((track) => this.#floorOf(track)));
    return Math.floor(floor / FORGET_STEP_MS);
  }

  #takeForgotten(): readonly Change[] {
    const step = this.#forgetStep();
    if (!Number.isFinite(step) || step <= this.#forgottenStep) return [];
    this.#forgottenStep = step;
    const before = step * FORGET_STEP_MS - KEEP_IDS_MS;
    this.#state = forgettingRanges(this.#state, before);
    return [{ kind: 'forget', source: this.#state.source, before }];
  }
}
