import type {
  CheckpointStore,
  CommitItem,
  Lease,
  SourceSpec,
  SourceStatus,
} from '../../../agent/checkpoint/store.ts';
import { eventKey } from '../../../agent/model/event-key.ts';
import type { Change, Position, SourceState } from '../../../agent/model/position.ts';

// What a relay would put into a store.

export function specOf(source: string): SourceSpec {
  const place = { customer: 'acme', account: '111122223333', region: 'eu-west-1', partition: 'aws' };
  return { source, ...place, logGroup: '/aws/events/guardrelay' };
}

export function stateOf(source: string, highWater: number): SourceState {
  const sweeps = [{ windowMinutes: 180, doneAt: highWater }];
  return { source, generation: 1, highWater, lastReadAt: highWater, lastEventAt: highWater, sweeps };
}

export function positionOf(source: string, destination: string, floor: number): Position {
  return { source, destination, bit: 0, floor, born: 1, mode: 'joined', grade: 'accepted', updatedAt: floor };
}

export const keyOf = (eventId: string): Uint8Array => eventKey('stream', eventId);

/** A finished event; its timestamp is its id. */
export function finishedOf(source: string, event: number, mask: bigint): Change {
  return { kind: 'finished', source, key: keyOf(String(event)), timestamp: event, mask };
}

/** One of each kind of change that leaves a row. */
export function progressOf(source: string, value: number): readonly Change[] {
  return [
    { kind: 'state', state: stateOf(source, value) },
    { kind: 'position', position: positionOf(source, 'siem', value) },
    finishedOf(source, value, 1n),
  ];
}

export function keeping(lease: Lease, changes: readonly Change[] = [], leaseMs = 20_000): CommitItem {
  return { lease, changes, after: { kind: 'keep', leaseMs } };
}

export function releasing(lease: Lease, changes: readonly Change[] = [], nextPollMs = 60_000): CommitItem {
  return { lease, changes, after: { kind: 'release', nextPollMs } };
}

/** Claims one source, which must be due. */
export async function claimOne(store: CheckpointStore, owner: string, leaseMs = 20_000): Promise<Lease> {
  const [lease] = await store.claim(owner, 1, leaseMs);
  if (!lease) throw new Error(`nothing was due for ${owner}`);
  return lease;
}

/** Makes `sources` known and claims the first that is due. */
export async function claimFrom(store: CheckpointStore, ...sources: string[]): Promise<Lease> {
  await store.sync(sources.map(specOf));
  return claimOne(store, 'first');
}

export async function inspected(store: CheckpointStore): Promise<readonly SourceStatus[]> {
  const statuses: SourceStatus[] = [];
  for await (const status of store.inspect()) statuses.push(status);
  return statuses;
}
