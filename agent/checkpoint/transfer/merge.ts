import type { Change, CoveredRange, Position, SourceState } from '../../model/position.ts';
import type { CommitItem, Saved } from '../store.ts';
import { documentError } from './document-error.ts';
import type { DocumentCheckpoint } from './read.ts';

/** Every event, however old. */
const ALWAYS = Number.MIN_SAFE_INTEGER;
// A mask of finished events has 63 usable bits.
const MAX_DESTINATIONS = 63;

type Merge = Required<Pick<CommitItem, 'changes' | 'more'>>;

/** The bit of a destination there and here. */
interface BitMove {
  readonly from: number;
  readonly to: number;
}

/**
 * What makes a document's checkpoint the stored one. Destinations that the document does not know keep their
 * positions, bits and finished events; the state goes back as far as they need.
 */
export function mergeChanges(checkpoint: DocumentCheckpoint, stored: Saved | undefined): Merge {
  const { source } = checkpoint.spec;
  const bits = bitsFor(checkpoint.positions, stored?.positions ?? []);
  const bitOf = (position: Position): number => bits.get(position.destination) ?? position.bit;
  const mask = checkpoint.positions.reduce((bits, position) => bits | (1n << BigInt(bitOf(position))), 0n);
  const moves = checkpoint.positions.map((position) => ({ from: position.bit, to: bitOf(position) }));
  const state = stored ? mergedState(checkpoint, stored) : checkpoint.state;
  const changes: readonly Change[] = [
    { kind: 'state', state: withMovedBits(state, moves) },
    ...checkpoint.positions.map((position): Change => {
      return { kind: 'position', position: { ...position, bit: bitOf(position) } };
    }),
    { kind: 'unfinished', source, mask, from: ALWAYS },
  ];
  return { changes, more: { [Symbol.iterator]: () => finishedChanges(checkpoint, moves) } };
}

function* finishedChanges(
  { spec, finished }: DocumentCheckpoint,
  moves: readonly BitMove[],
): Generator<Change> {
  for (const { key, timestamp, mask } of finished) {
    yield { kind: 'finished', source: spec.source, key, timestamp, mask: movedBits(mask, moves) };
  }
}

/** The older of both in everything that a read begins from, where a destination here is not in the document. */
function mergedState({ state, positions }: DocumentCheckpoint, stored: Saved): SourceState {
  const documented = new Set(positions.map(({ destination }) => destination));
  if (stored.positions.every(({ destination }) => documented.has(destination))) return state;
  const doneAt = new Map(stored.state.sweeps.map((mark) => [mark.windowMinutes, mark.doneAt]));
  return {
    ...state,
    highWater: Math.min(state.highWater, stored.state.highWater),
    lastReadAt: Math.min(state.lastReadAt, stored.state.lastReadAt),
    // A window without a mark is due, and looks back from the high water.
    sweeps: state.sweeps.flatMap((mark) => {
      const here = doneAt.get(mark.windowMinutes);
      return here === undefined ? [] : [{ ...mark, doneAt: Math.min(mark.doneAt, here) }];
    }),
  };
}

/** A destination keeps the bit that it has here; one that is new here gets one that nobody has. */
function bitsFor(positions: readonly Position[], stored: readonly Position[]): ReadonlyMap<string, number> {
  const bits = new Map(stored.map(({ destination, bit }) => [destination, bit]));
  const free = Array.from({ length: MAX_DESTINATIONS }, (_, bit) => bit).filter(
    (bit) => !stored.some((position) => position.bit === bit),
  );
  for (const { destination } of positions) {
    if (bits.has(destination)) continue;
    const bit = free.shift();
    if (bit === undefined)
      throw documentError(`it would give a source more than ${MAX_DESTINATIONS} destinations`);
    bits.set(destination, bit);
  }
  return bits;
}

/** Sweeps that stand for ids stand for those of the same destinations as before. */
function withMovedBits(state: SourceState, moves: readonly BitMove[]): SourceState {
  if (!state.ingestionRule) return state;
  const covered = state.ingestionRule.covered.map(
    (range): CoveredRange => ({
      ...range,
      bits: range.bits.flatMap((bit) => moves.filter(({ from }) => from === bit).map(({ to }) => to)),
    }),
  );
  return { ...state, ingestionRule: { ...state.ingestionRule, covered } };
}

function movedBits(mask: bigint, moves: readonly BitMove[]): bigint {
  let moved = 0n;
  for (const { from, to } of moves) if (mask & (1n << BigInt(from))) moved |= 1n << BigInt(to);
  return moved;
}
