import type { Origins } from '../discover/sources.ts';
import type { RetentionRisk } from '../health/retention.ts';
import type { IngestionRule } from '../model/position.ts';
import type { Rec, SourceRec } from '../model/record.ts';
import type { DestinationFacts, SourceFacts } from '../model/source-facts.ts';
import type { ReadFailure } from '../tail/read.ts';
import { createReaderMemory, type ReaderMemory } from '../tail/reader.ts';
import { type CanaryRec, sentAtOf } from './canaries.ts';
import { canaryIn, withCanary } from './canary-facts.ts';
import type { Destination } from './destination.ts';
import type { Gap } from './gap.ts';
import { createHeartbeatTally, type HeartbeatTally } from './heartbeat-tally.ts';
import type { Progress } from './progress.ts';

/** What the agent remembers of a source between two leases, besides its checkpoint. */
export interface SourceMemory {
  /** Reads that failed in a row. */
  failures: number;
  /** Its reads keep away from those of other sources; a failure, which many may share, ends that. */
  isInPhase: boolean;
  /** Event time of the last finding or change, epoch ms. */
  lastActivityAt?: number;
  /** Of the log group, as this agent has seen it; undefined: for ever, or not looked at yet. */
  retentionDays?: number | undefined;
  /** When the log group must be looked at, by `clock.monotonic()`. */
  groupCheckAt: number;
  /** Not before then is anything copied into the spool, by `clock.monotonic()`: it has failed. */
  spoolAt: number;
  /** Gaps that are still to be told. */
  gapsToTell: readonly Gap[];
  /** Gaps that were told in this run of the agent. */
  gapsTold?: Set<string>;
  /** By destination: what was logged last of its events that are about to expire. */
  readonly risksTold: Map<string, RetentionRisk['level']>;
  readonly reading: ReaderMemory;
  readonly heartbeats: HeartbeatTally;
  facts: SourceFacts;
}

/** `stored`: the facts of an earlier run of the agent. */
export function createSourceMemory(stored: SourceFacts | undefined, groupCheckAt: number): SourceMemory {
  const facts = stored ?? { pollSeconds: 0, destinations: {} };
  return {
    failures: 0,
    spoolAt: 0,
    isInPhase: false,
    gapsToTell: [],
    risksTold: new Map(),
    groupCheckAt,
    reading: createReaderMemory(),
    heartbeats: createHeartbeatTally(),
    facts,
  };
}

/** Notes that a record was read, whether a destination gets it or not. */
export function noteRecord(memory: SourceMemory, record: Rec): void {
  if (record.kind === 'notice') return;
  const { timestamp } = record.origin;
  const { facts } = memory;
  if (record.kind === 'heartbeat') {
    memory.heartbeats.note(record);
    memory.facts = withHeartbeat(facts, record);
    return;
  }
  if (record.kind === 'canary') {
    noteCanary(memory, record);
    return;
  }
  memory.lastActivityAt = Math.max(memory.lastActivityAt ?? 0, timestamp);
  const isFinding = record.kind === 'finding';
  memory.facts = {
    ...facts,
    ...(timestamp >= (facts.lastEventAt ?? 0) && { lastEventAt: timestamp, lastEventKind: record.kind }),
    ...(isFinding && { lastFindingAt: Math.max(facts.lastFindingAt ?? 0, timestamp) }),
  };
}

function withHeartbeat(facts: SourceFacts, { region, origin }: SourceRec): SourceFacts {
  const { timestamp, source } = origin;
  const isOwn = region === source.region;
  const known = facts.origins?.[region];
  const latest = (at = 0): number => Math.max(at, timestamp);
  return {
    ...facts,
    ...(isOwn && { lastHeartbeatAt: latest(facts.lastHeartbeatAt) }),
    ...(known && {
      origins: { ...facts.origins, [region]: { ...known, lastHeartbeatAt: latest(known.lastHeartbeatAt) } },
    }),
  };
}

/** Of a hub: which regions must send heartbeats from now on. Undefined: its own alone. */
export function noteOrigins(memory: SourceMemory, origins: Origins | undefined, now: number): void {
  const { origins: before, ...facts } = memory.facts;
  const known = before ?? {};
  const expected = origins?.regions.map((region) => [region, known[region] ?? { since: now }] as const);
  const kept = origins?.isGuess ? known : {};
  memory.facts = expected ? { ...facts, origins: { ...kept, ...Object.fromEntries(expected) } } : facts;
}

/** One that comes late proves the rule as well as one in time. */
function noteCanary(memory: SourceMemory, record: CanaryRec): void {
  const { facts } = memory;
  const lastCanaryAt = Math.max(facts.lastCanaryAt ?? 0, record.origin.timestamp);
  memory.facts = { ...facts, lastCanaryAt };
  const place = { region: record.region, own: record.origin.source.region };
  const canary = canaryIn(facts, place.region, place.own);
  if (!canary || sentAtOf(record) < (canary.missedSince ?? canary.sentAt)) return;
  const isLatest = sentAtOf(record) >= canary.sentAt;
  const roundTripMs = Math.max(0, record.origin.ingestionTime - sentAtOf(record));
  const { sentAt } = canary;
  const seen = { sentAt, isAwaited: canary.isAwaited && !isLatest, missed: 0, roundTripMs };
  memory.facts = withCanary(memory.facts, place, seen);
}

export function noteRead(memory: SourceMemory, startedAt: number): void {
  const { failure: _, ...facts } = memory.facts;
  memory.failures = 0;
  memory.facts = { ...facts, lastReadAt: startedAt };
}

export function noteFailure(memory: SourceMemory, { cause, code, error }: ReadFailure, now: number): void {
  const since = memory.facts.failure?.since ?? now;
  memory.failures += 1;
  memory.isInPhase = false;
  memory.facts = { ...memory.facts, failure: { cause, code, text: error, since } };
}

/** Gaps of one destination that are still to be told; they are not answered again. */
export function takeGaps(memory: SourceMemory, destination: string): readonly Gap[] {
  const isTaken = (gap: Gap): boolean => gap.destination === destination;
  const taken = memory.gapsToTell.filter(isTaken);
  memory.gapsToTell = memory.gapsToTell.filter((gap) => !isTaken(gap));
  return taken;
}

/** Remembers a gap; false: it is known already. */
export function noteGap(memory: SourceMemory, gap: Gap, now: number): boolean {
  const name = `${gap.destination} ${gap.from}`;
  memory.gapsTold ??= new Set();
  if (memory.gapsTold.has(name)) return false;
  memory.gapsTold.add(name);
  memory.facts = { ...memory.facts, gap: { ...gap, at: now } };
  return true;
}

/** What AWS said of the log group; undefined: it keeps its events for ever. */
export function noteRetention(memory: SourceMemory, retentionDays: number | undefined): void {
  const { retentionDays: _, ...facts } = memory.facts;
  memory.retentionDays = retentionDays;
  memory.facts = retentionDays === undefined ? facts : { ...facts, retentionDays };
}

/** What the spool holds of the source; undefined: nothing. */
export function noteSpool(memory: SourceMemory, spool: SourceFacts['spool']): void {
  const { spool: _, ...facts } = memory.facts;
  memory.facts = spool ? { ...facts, spool } : facts;
}

/** Shows the rule while it is in force. */
export function noteIngestionRule(memory: SourceMemory, rule: IngestionRule | undefined): void {
  const { ingestionRuleSince: _, ...facts } = memory.facts;
  memory.facts = rule?.inForce ? { ...facts, ingestionRuleSince: rule.since } : facts;
}

/** An acknowledgement: what `status` shows of a destination for one source. */
export interface Acknowledgement {
  readonly destination: string;
  readonly at: number;
  readonly lagMs: number;
  readonly quarantined: boolean;
}

export function noteAcknowledgement(memory: SourceMemory, ack: Acknowledgement): void {
  const before = memory.facts.destinations[ack.destination];
  const known = before ?? { grade: 'none', mode: 'joined', waiting: 0, quarantined: 0 };
  const after: DestinationFacts = ack.quarantined
    ? { ...known, quarantined: known.quarantined + 1 }
    : { ...known, lastAckAt: ack.at, lagMs: ack.lagMs };
  memory.facts = {
    ...memory.facts,
    destinations: { ...memory.facts.destinations, [ack.destination]: after },
  };
}

/** The facts as they are now, for a commit. */
export function currentFacts(
  memory: SourceMemory,
  progress: Progress,
  destinations: readonly Destination[],
): SourceFacts {
  const entries = destinations.map((destination): [string, DestinationFacts] => {
    const { id, shipper } = destination;
    const { blocked, error, circuit } = shipper.status();
    return [
      id,
      {
        ...keptFacts(memory.facts.destinations[id], destination),
        mode: progress.position(id).mode,
        waiting: progress.ledger(id).waiting,
        ...oldestWaiting(progress, id),
        ...(blocked ? { blocked } : {}),
        ...(circuit !== 'closed' && error ? { retrying: error } : {}),
      },
    ];
  });
  memory.facts = { ...memory.facts, destinations: Object.fromEntries(entries) };
  return memory.facts;
}

type Kept = Pick<DestinationFacts, 'grade' | 'lastAckAt' | 'lagMs' | 'quarantined' | 'certificateExpiresAt'>;

/** What holds until the destination shows something else, also after a restart. */
function keptFacts(known: DestinationFacts | undefined, { shipper, ...destination }: Destination): Kept {
  const { lastAckAt, lagMs, quarantined = 0 } = known ?? {};
  const certificateExpiresAt = destination.certificateExpiresAt?.() ?? known?.certificateExpiresAt;
  return {
    quarantined,
    grade: shipper.status().grade,
    ...(lastAckAt !== undefined && { lastAckAt }),
    ...(lagMs !== undefined && { lagMs }),
    ...(certificateExpiresAt !== undefined && { certificateExpiresAt }),
  };
}

/** Of one that is behind nothing may be in flight, and yet its events wait. */
function oldestWaiting(progress: Progress, destination: string): Pick<DestinationFacts, 'oldestWaitingAt'> {
  const { mode, floor } = progress.position(destination);
  const oldestWaitingAt = mode === 'behind' ? floor : progress.ledger(destination).oldest();
  return oldestWaitingAt === undefined ? {} : { oldestWaitingAt };
}
