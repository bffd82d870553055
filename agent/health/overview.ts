import type { ErrorCode } from '../model/error.ts';
import { nextStep } from '../model/next-step.ts';
import { GRADES, type Grade } from '../model/outcome.ts';
import type { DestinationFacts, SourceFacts } from '../model/source-facts.ts';
import { heartbeatsByRegion, oldestHeartbeatAt } from './heartbeats.ts';
import { type LongQuiet, longQuiet } from './long-quiet.ts';
import { isProblem } from './problems.ts';
import { oldestUnfinishedAt, type RetentionRisk, retentionRisks } from './retention.ts';
import { type HealthOptions, type Off, SOURCE_STATES, type SourceState, sourceHealth } from './states.ts';

/** A source with what is known of it. Times in epoch ms. */
export interface ObservedSource {
  readonly source: string;
  readonly customer: string;
  readonly account: string;
  readonly region: string;
  readonly logGroup: string;
  readonly firstSeenAt: number;
  readonly facts: SourceFacts;
  readonly options: HealthOptions;
  readonly off?: Off | undefined;
  /** Of the agent that tells this; absent: it is read from the store. Epoch ms. */
  readonly agentStartedAt?: number | undefined;
}

/** One line of `status`. Times in epoch ms. */
export interface SourceRow {
  readonly customer: string;
  readonly account: string;
  readonly region: string;
  readonly logGroup: string;
  readonly state: SourceState;
  readonly code?: ErrorCode | undefined;
  readonly reason: string;
  readonly since?: number | undefined;
  /** That the state is about. */
  readonly destination?: string | undefined;
  /** What to run; absent: nothing is wrong. */
  readonly next?: string | undefined;
  /** Of a source that is muted: what it would be, and until when it is muted. */
  readonly underlying?: SourceState | undefined;
  readonly mutedUntil?: number | undefined;
  /** Of a hub: of the region that is silent for the longest time; absent: one never sent any. */
  readonly lastHeartbeatAt?: number | undefined;
  /** Of a hub: the last one of each region that must send some. */
  readonly heartbeats?: Readonly<Record<string, number | undefined>> | undefined;
  readonly lastCanaryAt?: number | undefined;
  /** From putting it to its standing in the log group. */
  readonly canaryRoundTripMs?: number | undefined;
  readonly lastEventAt?: number | undefined;
  readonly lastReadAt?: number | undefined;
  readonly lastAckAt?: number | undefined;
  readonly lagSeconds?: number | undefined;
  /** Events read and not final anywhere. */
  readonly waiting: number;
  /** Event time of the oldest event that some destination may not have. */
  readonly oldestUnfinishedAt?: number | undefined;
  /** Of the log group. */
  readonly retentionDays?: number | undefined;
  /** What the spool holds of it. */
  readonly spooledBytes?: number | undefined;
  /** More than half of the retention is used up: of the destination that is the closest to its end. */
  readonly risk?: RetentionRisk | undefined;
}

export interface DestinationRow {
  readonly id: string;
  readonly state: 'ok' | 'retrying' | 'blocked' | 'idle';
  readonly grade: Grade;
  readonly lastAckAt?: number | undefined;
  readonly oldestWaitingAt?: number | undefined;
  readonly waiting: number;
  /** Records that stand in quarantine. */
  readonly quarantined: number;
  /** Sources that it has to catch up with. */
  readonly behind: number;
  readonly reason?: string | undefined;
  /** When the certificate ends that it showed last; absent: it has shown none. */
  readonly certificateExpiresAt?: number | undefined;
}

/** Everything that `status`, the page and the probes say. */
export interface Overview {
  /** Problems first. */
  readonly sources: readonly SourceRow[];
  readonly destinations: readonly DestinationRow[];
  readonly counts: Readonly<Record<SourceState, number>>;
  /** Customers of whom a finding was expected by now. */
  readonly longQuiet: readonly LongQuiet[];
}

/** `inQuarantine`: how many records of a destination stand there; absent: nobody has looked. */
export function overview(
  observed: readonly ObservedSource[],
  now: number,
  inQuarantine: (destination: string) => number = () => 0,
): Overview {
  const sources = observed.map((each) => sourceRow(each, now)).toSorted(worstFirst);
  const destinations = destinationRows(observed).map((row) => ({
    ...row,
    quarantined: inQuarantine(row.id),
  }));
  return { sources, destinations, counts: countStates(sources), longQuiet: longQuiet(observed, now) };
}

function sourceRow(observed: ObservedSource, now: number): SourceRow {
  const { customer, account, region, logGroup, facts } = observed;
  const destinations = Object.values(facts.destinations);
  const lags = destinations.map(({ lagMs }) => lagMs).filter((lagMs) => lagMs !== undefined);
  const { state, code, reason, since, underlying, destination } = sourceHealth({ ...observed, now });
  return {
    ...{ customer, account, region, logGroup, state, reason, underlying },
    mutedUntil: underlying && observed.off?.kind === 'muted' ? observed.off.until : undefined,
    waiting: Math.max(0, ...destinations.map(({ waiting }) => waiting)),
    code,
    since,
    destination,
    next: isProblem(state) ? nextStep(code, { customer, region, destination }) : undefined,
    lastHeartbeatAt: oldestHeartbeatAt(facts),
    heartbeats: heartbeatsByRegion(facts),
    lastCanaryAt: facts.lastCanaryAt,
    canaryRoundTripMs: facts.canary?.roundTripMs,
    lastEventAt: facts.lastEventAt,
    lastReadAt: facts.lastReadAt,
    lastAckAt: latest(destinations.map(({ lastAckAt }) => lastAckAt)),
    lagSeconds: lags.length > 0 ? Math.max(0, ...lags) / 1_000 : undefined,
    oldestUnfinishedAt: oldestUnfinishedAt(facts),
    retentionDays: facts.retentionDays,
    spooledBytes: facts.spool?.bytes,
    risk: retentionRisks(facts, now)[0],
  };
}

function latest(times: readonly (number | undefined)[]): number | undefined {
  return times.reduce((last, time) => (time !== undefined && time > (last ?? 0) ? time : last), undefined);
}

/** What is muted comes in the order of what it would be; where nothing is read comes last. */
function rankOf(underlying: SourceState | undefined): number {
  return SOURCE_STATES.indexOf(underlying ?? 'off');
}

function worstFirst(a: SourceRow, b: SourceRow): number {
  return (
    SOURCE_STATES.indexOf(a.state) - SOURCE_STATES.indexOf(b.state) ||
    rankOf(a.underlying) - rankOf(b.underlying) ||
    a.customer.localeCompare(b.customer) ||
    a.account.localeCompare(b.account) ||
    a.region.localeCompare(b.region)
  );
}

function countStates(rows: readonly SourceRow[]): Record<SourceState, number> {
  const troubled = { failing: 0, blocked: 0, silent: 0, lagging: 0, unproven: 0 };
  const counts = { ...troubled, pending: 0, quiet: 0, ok: 0, off: 0 };
  for (const { state } of rows) counts[state] += 1;
  return counts;
}

type SeenDestination = Omit<DestinationRow, 'quarantined'>;

function destinationRows(observed: readonly ObservedSource[]): readonly SeenDestination[] {
  const rows = new Map<string, SeenDestination>();
  for (const { facts } of observed) {
    for (const [id, seen] of Object.entries(facts.destinations)) rows.set(id, merge(id, rows.get(id), seen));
  }
  return [...rows.values()].toSorted((a, b) => a.id.localeCompare(b.id));
}

const ORDER = ['blocked', 'retrying', 'ok', 'idle'] as const;

function merge(id: string, row: SeenDestination | undefined, seen: DestinationFacts): SeenDestination {
  const state = stateOf(seen);
  const worst = row && ORDER.indexOf(row.state) <= ORDER.indexOf(state) ? row.state : state;
  const reason = row?.reason ?? seen.blocked?.detail ?? seen.retrying;
  const oldest = [row?.oldestWaitingAt, seen.oldestWaitingAt].filter((time) => time !== undefined);
  return {
    id,
    state: worst,
    grade: bestGrade(row?.grade ?? 'none', seen.grade),
    waiting: (row?.waiting ?? 0) + seen.waiting,
    behind: (row?.behind ?? 0) + (seen.mode === 'behind' ? 1 : 0),
    lastAckAt: latest([row?.lastAckAt, seen.lastAckAt]),
    oldestWaitingAt: oldest.length > 0 ? Math.min(...oldest) : undefined,
    reason,
    // Of the source that has met it last: the others may still have the one before.
    certificateExpiresAt: latest([row?.certificateExpiresAt, seen.certificateExpiresAt]),
  };
}

function stateOf({ blocked, retrying, lastAckAt }: DestinationFacts): DestinationRow['state'] {
  if (blocked) return 'blocked';
  if (retrying) return 'retrying';
  return lastAckAt === undefined ? 'idle' : 'ok';
}

function bestGrade(a: Grade, b: Grade): Grade {
  return GRADES.indexOf(a) >= GRADES.indexOf(b) ? a : b;
}
