import type { Lease } from '../checkpoint/store.ts';
import type { Position, SourceState } from '../model/position.ts';
import { bornAt, firstPosition, firstState, recreated } from '../tail/first-contact.ts';
import type { GroupFacts, ReadFailure } from '../tail/read.ts';
import type { Reader } from '../tail/reader.ts';
import type { Sweep } from '../tail/tiers.ts';
import { type Gap, lostWithGroup } from './gap.ts';
import { Progress } from './progress.ts';

// A mask of finished events has 63 usable bits.
const MAX_DESTINATIONS = 63;

export interface BeginOptions {
  readonly reader: Reader;
  /** Ids of the destinations that this source ships to. */
  readonly destinations: readonly string[];
  readonly startAt: string;
  readonly sweeps: readonly Sweep[];
  /** Ask AWS whether the log group is still the one that was read. */
  readonly checkGroup: boolean;
}

export interface Begun {
  readonly kind: 'begun';
  readonly progress: Progress;
  /** The log group was made anew: its stored event ids mean nothing. */
  readonly recreated: boolean;
  /** What went with the old group. */
  readonly lost: readonly Gap[];
  /** What AWS said of the log group, if it was asked and could tell. */
  readonly group?: GroupFacts;
}

/** Where a leased source goes on: from what is stored, or from first contact. */
export async function begin(
  { source, saved }: Lease,
  options: BeginOptions,
  signal: AbortSignal,
): Promise<Begun | ReadFailure> {
  const group = !saved || options.checkGroup ? await options.reader.describe(signal) : undefined;
  if (saved) return resume(saved.state, saved.positions, options, group);
  return group?.kind === 'group' ? meet(source, group, options) : neverDescribed(group);
}

function neverDescribed(failure: ReadFailure | undefined): ReadFailure {
  if (failure) return failure;
  throw new Error('a new source was not described');
}

function meet(source: string, group: GroupFacts, options: BeginOptions): Begun {
  const born = bornAt(options.startAt, group);
  const state = firstState(source, group, { born, sweeps: options.sweeps });
  const progress = new Progress(state, withNew(state, [], options.destinations, born), true);
  return { kind: 'begun', progress, recreated: false, lost: [], group };
}

/** Goes on although the group could not be described: reading will tell what is wrong. */
function resume(
  state: SourceState,
  positions: readonly Position[],
  options: BeginOptions,
  group: GroupFacts | ReadFailure | undefined,
): Begun {
  const isOther = group?.kind === 'group' && group.creationTime !== state.generation;
  const now = isOther ? recreated(state, positions, group.creationTime) : { state, positions };
  const all = withNew(now.state, now.positions, options.destinations, now.state.highWater);
  const progress = new Progress(now.state, all, isOther || all.length > positions.length);
  const lost = isOther ? lostWithGroup(state, positions) : [];
  return { kind: 'begun', progress, recreated: isOther, lost, ...(group?.kind === 'group' ? { group } : {}) };
}

/** Destinations that left the configuration keep their rows, so they keep their bits. */
function withNew(
  state: SourceState,
  stored: readonly Position[],
  destinations: readonly string[],
  born: number,
): readonly Position[] {
  const all = [...stored];
  for (const destination of destinations) {
    if (all.some((position) => position.destination === destination)) continue;
    all.push(firstPosition(state, { destination, bit: freeBit(all), born }));
  }
  return all.filter(({ destination }) => destinations.includes(destination));
}

function freeBit(positions: readonly Position[]): number {
  const taken = new Set(positions.map(({ bit }) => bit));
  for (let bit = 0; bit < MAX_DESTINATIONS; bit += 1) if (!taken.has(bit)) return bit;
  throw new Error(`a source can have at most ${MAX_DESTINATIONS} destinations, removed ones included`);
}
