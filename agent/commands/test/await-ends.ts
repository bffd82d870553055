import type { Clock } from '../../model/clock.ts';
import type { Finder } from '../../ship/finder.ts';
import type { TestStep } from './steps.ts';

/** A destination that a record shall come to. */
export interface End {
  readonly id: string;
  readonly sight: Sight;
}

/** Whether anybody looks into the SIEM. */
export type Sight =
  | { readonly kind: 'finder'; readonly finder: Finder }
  | { readonly kind: 'none'; readonly why: string }
  /** Nobody wants to know. */
  | { readonly kind: 'unasked' };

export interface Arrival {
  /** Of the record. */
  readonly key: string;
  /** What a person searches the SIEM for. */
  readonly lookFor: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** What to do about a destination that does not take it. */
  readonly fix: string;
  /** Makes whoever ships look for the record now. */
  wake(): Promise<void>;
  /** Ids of the destinations that have it. */
  acknowledgedBy(): Promise<readonly string[]>;
}

const LOOK_MS = 1_000;
/** What one process sees, CloudWatch Logs may not show to another yet. */
const WAKE_EVERY_MS = 15_000;

interface Awaited {
  /** Destinations whose acknowledgement is awaited. */
  readonly unacknowledged: Map<string, End>;
  /** Those that have it, and in which it was not found yet; `why`: what was last said there. */
  readonly unseen: Map<string, { readonly finder: Finder; readonly why?: string }>;
}

/** Waits until every destination has acknowledged a record and, where somebody can look, shows it; or for the signal. */
export async function* awaitEnds(ends: readonly End[], arrival: Arrival): AsyncGenerator<TestStep, void> {
  const { clock, signal } = arrival;
  const awaited: Awaited = {
    unacknowledged: new Map(ends.map((end) => [end.id, end])),
    unseen: new Map(),
  };
  let wakeAt = clock.monotonic();
  while (isOpen(awaited) && !signal.aborted) {
    if (awaited.unacknowledged.size > 0 && clock.monotonic() >= wakeAt) {
      await arrival.wake();
      wakeAt = clock.monotonic() + WAKE_EVERY_MS;
    }
    yield* acknowledgements(await arrival.acknowledgedBy(), awaited, arrival);
    yield* sightings(awaited, arrival);
    if (isOpen(awaited)) await clock.sleep(LOOK_MS, signal);
  }
  yield* whatIsLate(awaited, arrival);
}

function isOpen({ unacknowledged, unseen }: Awaited): boolean {
  return unacknowledged.size + unseen.size > 0;
}

function* acknowledgements(
  ids: readonly string[],
  { unacknowledged, unseen }: Awaited,
  { lookFor }: Arrival,
): Generator<TestStep, void> {
  for (const destination of ids) {
    const end = unacknowledged.get(destination);
    if (!end) continue;
    unacknowledged.delete(destination);
    yield { kind: 'acknowledged', destination };
    const { sight } = end;
    if (sight.kind === 'none') yield { kind: 'unverified', destination, why: sight.why, lookFor };
    if (sight.kind === 'finder') unseen.set(destination, { finder: sight.finder });
  }
}

async function* sightings(
  { unseen }: Awaited,
  { key, lookFor, signal }: Arrival,
): AsyncGenerator<TestStep, void> {
  for (const [destination, { finder }] of unseen) {
    const seen = await finder.find(key, signal);
    if (signal.aborted) return;
    switch (seen.kind) {
      case 'found':
        unseen.delete(destination);
        yield { kind: 'found', destination, where: seen.where };
        break;
      case 'closed':
        unseen.delete(destination);
        yield { kind: 'unverified', destination, why: seen.why, lookFor };
        break;
      case 'absent':
        unseen.set(destination, { finder, ...(seen.why !== undefined && { why: seen.why }) });
    }
  }
}

function* whatIsLate({ unacknowledged, unseen }: Awaited, { fix }: Arrival): Generator<TestStep, void> {
  for (const destination of unacknowledged.keys())
    yield { kind: 'late', leg: 'acknowledged', destination, fix };
  for (const [destination, { why }] of unseen)
    yield { kind: 'late', leg: 'found', destination, ...(why !== undefined && { why }), fix };
}
