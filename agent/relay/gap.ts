import { hash } from 'node:crypto';

import { eventKey } from '../model/event-key.ts';
import type { Position, SourceState } from '../model/position.ts';
import type { RelayEvent } from '../model/relay-event.ts';
import type { Source } from '../model/source.ts';
import { type Span, uncovered } from '../spool/span.ts';

/** Events that the log group has dropped before a destination had them. Times are event times, epoch ms. */
export interface Gap {
  readonly destination: string;
  readonly from: number;
  readonly to: number;
  /** They went with the group, which was deleted and made anew; absent: they expired. */
  readonly isDeleted?: true;
}

const DAY_MS = 24 * 3_600_000;

/** What may have expired unread, or unfinished, for one destination. `retentionDays` absent: nothing expires. */
export function gapOf(
  position: Position,
  state: SourceState,
  { serviceNow, retentionDays }: { readonly serviceNow: number; readonly retentionDays?: number | undefined },
): Gap | undefined {
  if (retentionDays === undefined) return undefined;
  const from = neededFrom(position, state);
  const to = serviceNow - retentionDays * DAY_MS;
  return from < to ? { destination: position.destination, from, to } : undefined;
}

/** Event time from which on a destination may not have what came. */
export function neededFrom({ mode, floor }: Position, { highWater, lastReadAt }: SourceState): number {
  // Before the first complete read nothing was promised.
  if (lastReadAt === 0) return Number.POSITIVE_INFINITY;
  // A floor may stand at an old event because nothing came since: what was read and finished is no gap.
  return isUnfinished({ mode, floor }, highWater) ? floor : Math.max(floor, lastReadAt);
}

/** What of a gap the spool does not hold either. */
export function unspooled(gap: Gap, covered: readonly Span[]): Gap | undefined {
  const left = uncovered({ from: gap.from, until: gap.to }, covered);
  return left && { ...gap, from: left.from, to: left.until };
}

/** What the destinations had not finished of a group that was deleted. */
export function lostWithGroup(
  { highWater, lastReadAt }: SourceState,
  positions: readonly Position[],
): readonly Gap[] {
  if (lastReadAt === 0) return [];
  return positions
    .filter((position) => isUnfinished(position, highWater))
    .map(({ destination, floor }) => ({
      destination,
      from: floor,
      to: Math.max(floor, highWater),
      isDeleted: true,
    }));
}

function isUnfinished({ mode, floor }: Pick<Position, 'mode' | 'floor'>, highWater: number): boolean {
  return mode === 'behind' || floor < highWater;
}

/** The name under which a gap's notice stands in the ledger: the same one for the same gap. */
export function gapKey({ destination, from }: Gap): Uint8Array {
  return eventKey(`gap ${destination}`, String(from));
}

/** What the SIEM and people are told. */
export function gapNotice(gap: Gap, source: Omit<Source, 'partition'>, now: number): RelayEvent {
  const { destination, from, to } = gap;
  const { customer, account, region, logGroup } = source;
  const span = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  const id = hash('sha256', [customer, account, region, logGroup, destination, from].join('\n'));
  return {
    schema: 'guardrelay.event/v1',
    id,
    at: new Date(now).toISOString(),
    action: 'notice',
    key: `guardrelay/${customer}/${account}/${region}/source.gap`,
    type: 'source.gap',
    severity: 'critical',
    code: 'SRC-003',
    title: `Events of ${account} ${region} from ${span.from} to ${span.to} may be missing at ${destination}: the log group keeps them no longer`,
    customer: { id: customer },
    accounts: [{ id: account }],
    regions: [region],
    destination,
    likely: likelyCause(gap),
    details: { ...span, logGroup },
  };
}

function likelyCause({ isDeleted }: Gap): string {
  return isDeleted
    ? 'the log group was deleted and made anew before the destination had everything'
    : 'the agent was off, or the destination down, for longer than the log group keeps its events';
}
