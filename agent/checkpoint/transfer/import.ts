import type { Clock } from '../../model/clock.ts';
import type { Position } from '../../model/position.ts';
import type { CheckpointStore, CommitItem, Holder, Lease, Saved, SourceSpec } from '../store.ts';
import { mergeChanges } from './merge.ts';
import type { CheckpointDocument, DocumentCheckpoint } from './read.ts';

/** What became of one source of a document. */
export interface ImportedSource {
  readonly spec: SourceSpec;
  /** `kept`: it is further here than in the document. `taken`: an agent took it before its turn came. */
  readonly result: 'new' | 'replaced' | 'kept' | 'taken';
  readonly finishedCount: number;
  /** What the store held before, and what the document holds. */
  readonly steps: readonly ImportStep[];
}

/** One destination of a source: where its floor stood here, if it had one, and where it stands in the document. */
export interface ImportStep {
  readonly destination: string;
  readonly from?: number;
  readonly to: number;
}

export type ImportResult =
  | { readonly kind: 'imported'; readonly sources: readonly ImportedSource[] }
  /** Nothing was changed. */
  | { readonly kind: 'held'; readonly holders: readonly Holder[] };

export interface ImportOptions {
  /** The name of this process in the store. */
  readonly owner: string;
  readonly clock: Clock;
  /** Overwrite what is further here, too. */
  readonly replace: boolean;
}

const LEASE_MS = 60_000;
/** What shares a transaction: an agent that runs on the same store waits for it. */
const MAX_GROUP_SOURCES = 200;
const MAX_GROUP_EVENTS = 50_000;

/** Puts the checkpoints of a document into the store, each source whole or not at all. */
export async function importDocument(
  store: CheckpointStore,
  { checkpoints }: CheckpointDocument,
  { owner, clock, replace }: ImportOptions,
): Promise<ImportResult> {
  const specs = checkpoints.map(({ spec }) => spec);
  const acquired = await store.acquire(owner, specs, LEASE_MS);
  if (acquired.kind === 'held') return acquired;
  const { leases } = acquired;
  const imports = leases.flatMap((lease, at) => {
    const checkpoint = checkpoints[at];
    return checkpoint ? [{ lease, checkpoint, replace }] : [];
  });
  const sources: ImportedSource[] = [];
  for (const group of groupsOf(imports)) {
    await extendEnding(store, leases.slice(sources.length), clock);
    sources.push(...(await Promise.all(group.map((each) => importOne(store, each)))));
  }
  return { kind: 'imported', sources };
}

interface Import {
  readonly lease: Lease;
  readonly checkpoint: DocumentCheckpoint;
  readonly replace: boolean;
}

function* groupsOf(imports: readonly Import[]): Generator<readonly Import[]> {
  let group: Import[] = [];
  let events = 0;
  for (const each of imports) {
    group.push(each);
    events += each.checkpoint.finishedCount;
    if (group.length < MAX_GROUP_SOURCES && events < MAX_GROUP_EVENTS) continue;
    yield group;
    group = [];
    events = 0;
  }
  yield group;
}

/** With half of the lease gone, all that are still to come are extended. */
async function extendEnding(store: CheckpointStore, leases: readonly Lease[], clock: Clock): Promise<void> {
  const ending = leases.filter(({ deadline }) => deadline - clock.monotonic() < LEASE_MS / 2);
  if (ending.length > 0) await store.extend(ending, LEASE_MS);
}

async function importOne(
  store: CheckpointStore,
  { lease, checkpoint, replace }: Import,
): Promise<ImportedSource> {
  const { saved } = lease;
  const { spec, finishedCount } = checkpoint;
  const steps = stepsOf(checkpoint.positions, saved);
  const keep = !replace && steps.some(({ from, to }) => from !== undefined && from > to);
  const merge = keep ? { changes: [] } : mergeChanges(checkpoint, saved);
  const item: CommitItem = { lease, ...merge, after: { kind: 'release', nextPollMs: 0 } };
  const [stored] = await store.commit([item]);
  return { spec, finishedCount, steps, result: stored === 'ok' ? resultOf(keep, saved) : 'taken' };
}

function resultOf(keep: boolean, saved: Saved | undefined): ImportedSource['result'] {
  if (keep) return 'kept';
  return saved ? 'replaced' : 'new';
}

function stepsOf(positions: readonly Position[], saved: Saved | undefined): readonly ImportStep[] {
  const floors = new Map(saved?.positions.map(({ destination, floor }) => [destination, floor]));
  return positions.map(({ destination, floor: to }) => {
    const from = floors.get(destination);
    return { destination, to, ...(from === undefined ? {} : { from }) };
  });
}
