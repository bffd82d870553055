import type { Change, IngestionRule, Position, SourceState } from '../model/position.ts';
import type { CheckpointStore, CommitItem, Holder, Saved, SourceSpec } from './store.ts';

/** How one destination's position in a source changes by hand. Times are epoch ms. */
export interface Move {
  readonly destination: string;
  /** `back`: events from `to` on are sent again. `forward`: what was taken in before `to` is never sent. */
  readonly direction: 'back' | 'forward';
  /** What it has finished so far. */
  readonly from: number;
  readonly to: number;
}

export type MoveResult =
  | { readonly kind: 'moved' }
  /** An agent has the source now; nothing was changed. */
  | { readonly kind: 'held'; readonly holders: readonly Holder[] }
  /** What was agreed to is no longer what would be done; nothing was changed. */
  | { readonly kind: 'outdated' };

export interface MoveOptions {
  /** The name of this process in the store. */
  readonly owner: string;
  /** Epoch ms, for display. */
  readonly now: number;
}

const LEASE_MS = 20_000;

/** What moving these destinations of a source to a time would mean now. */
export function movesTo(
  { state, positions }: Saved,
  destinations: readonly string[],
  to: number,
): readonly Move[] {
  return positions
    .filter(({ destination }) => destinations.includes(destination))
    .map((position): Move => {
      const from = finishedTo(position, state);
      return { destination: position.destination, direction: to <= from ? 'back' : 'forward', from, to };
    });
}

/** A floor may stand at an old event because nothing came since: then all up to the last read is finished. */
function finishedTo({ mode, floor }: Position, { highWater, lastReadAt }: SourceState): number {
  return mode === 'behind' || floor < highWater ? floor : Math.max(floor, lastReadAt);
}

/** Does what was planned, under a lease of the source: an agent that had it before can commit nothing more. */
export async function carryOut(
  store: CheckpointStore,
  { spec, moves }: { readonly spec: SourceSpec; readonly moves: readonly Move[] },
  { owner, now }: MoveOptions,
): Promise<MoveResult> {
  const acquired = await store.acquire(owner, [spec], LEASE_MS);
  if (acquired.kind === 'held') return acquired;
  const items = acquired.leases.map((lease): CommitItem & { readonly changes: readonly Change[] } => ({
    lease,
    changes: lease.saved && stillPlanned(lease.saved, moves) ? changesFor(lease.saved, moves, now) : [],
    after: { kind: 'release', nextPollMs: 0 },
  }));
  const [result] = await store.commit(items);
  const isMoved = result === 'ok' && items.every(({ changes }) => changes.length > 0);
  return isMoved ? { kind: 'moved' } : { kind: 'outdated' };
}

/** An agent may have gone on since: a step back must not have become a skip, nor the other way round. */
function stillPlanned(saved: Saved, moves: readonly Move[]): boolean {
  return moves.every(({ destination, direction, to }) =>
    movesTo(saved, [destination], to).some((move) => move.direction === direction),
  );
}

function changesFor({ state, positions }: Saved, moves: readonly Move[], now: number): readonly Change[] {
  const changes = positions.flatMap((position) => {
    const move = moves.find(({ destination }) => destination === position.destination);
    return move ? changesOf(position, state, { ...move, now }) : [];
  });
  return [...ruleChanges(state, changes), ...changes];
}

/** Where sweeps stand for ids, they no longer stand for those that are taken back. */
function ruleChanges(state: SourceState, changes: readonly Change[]): readonly Change[] {
  if (!state.ingestionRule) return [];
  const ingestionRule = changes.reduce(
    (rule, change) => (change.kind === 'unfinished' ? unproved(rule, change) : rule),
    state.ingestionRule,
  );
  return [{ kind: 'state', state: { ...state, ingestionRule } }];
}

function unproved(rule: IngestionRule, { mask, from }: { readonly mask: bigint; readonly from: number }) {
  const isTaken = (bit: number): boolean => Boolean(mask & (1n << BigInt(bit)));
  const covered = rule.covered.flatMap((range) => [
    ...(range.from < from ? [{ ...range, to: Math.min(range.to, from - 1) }] : []),
    ...(range.to >= from
      ? [{ ...range, from: Math.max(range.from, from), bits: range.bits.filter((bit) => !isTaken(bit)) }]
      : []),
  ]);
  return { ...rule, covered };
}

/**
 * The destination is split off at its new floor, so that it reads from there to the end by itself, whatever stops
 * that read, and joins the others again. Its sweeps go back to the newest mark, up to which it had its part in them.
 */
function changesOf(
  position: Position,
  state: SourceState,
  { direction, to, now }: Move & { readonly now: number },
): readonly Change[] {
  const { source, bit } = position;
  const splitAt = position.splitAt ?? Math.max(...state.sweeps.map(({ doneAt }) => doneAt), state.lastReadAt);
  const born = direction === 'back' ? Math.min(position.born, to) : Math.max(position.born, to);
  const moved: Position = { ...position, mode: 'behind', splitAt, floor: to, born, updatedAt: now };
  const change: Change = { kind: 'position', position: moved };
  if (direction === 'forward') return [change];
  return [change, { kind: 'unfinished', source, mask: 1n << BigInt(bit), from: to }];
}
