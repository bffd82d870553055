import type { HourPart } from '../model/hour-tally.ts';
import type { ObservedSource } from './overview.ts';

/** A region whose heartbeats did not all come. */
interface MissingHeartbeats {
  readonly account: string;
  readonly region: string;
  readonly expected: number;
  readonly received: number;
  /** Of the last one that came, epoch ms. */
  readonly lastAt?: number;
}

export interface HourCounts {
  readonly heartbeats: { readonly expected: number; readonly received: number };
  /** The largest gaps first. */
  readonly missing: readonly MissingHeartbeats[];
  readonly findings: number;
  readonly changes: number;
  readonly quarantined: number;
  /** Of all sources together: what was not read yet, and is not expected here either. */
  readonly unreadMinutes: number;
}

interface HourInput {
  /** When the hour began, epoch ms. */
  readonly from: number;
  readonly sources: readonly ObservedSource[];
  readonly parts: readonly HourPart[];
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Adds up an hour. Heartbeats are expected for the part of it that a region was known in and that was read. */
export function hourCounts({ from, sources, parts }: HourInput): HourCounts {
  const received = new Map(parts.map((part) => [`${part.source} ${part.region}`, part.heartbeats]));
  const regions = sources
    .filter(({ options }) => options.heartbeat === 'rule')
    .flatMap((source) => regionsOf(source).map((region) => ({ source, ...region })));
  const beats = regions.map(({ source, region, since, lastAt }) => ({
    ...{ account: source.account, region, ...(lastAt === undefined ? {} : { lastAt }) },
    expected: expectedIn(source, Math.max(from, since), from),
    received: received.get(`${source.source} ${region}`) ?? 0,
  }));
  return {
    heartbeats: { expected: sum(beats, 'expected'), received: sum(beats, 'received') },
    missing: beats.filter((each) => each.received < each.expected).toSorted(largestGapFirst),
    findings: sum(parts, 'findings'),
    changes: sum(parts, 'changes'),
    quarantined: sum(parts, 'quarantined'),
    unreadMinutes: Math.round(
      sources.reduce((total, source) => total + unreadMs(source, from), 0) / MINUTE_MS,
    ),
  };
}

interface Region {
  readonly region: string;
  /** Since when its heartbeats are expected, epoch ms. */
  readonly since: number;
  readonly lastAt?: number | undefined;
}

function regionsOf({ facts, region, firstSeenAt }: ObservedSource): readonly Region[] {
  if (!facts.origins) return [{ region, since: firstSeenAt, lastAt: facts.lastHeartbeatAt }];
  return Object.entries(facts.origins).map(([name, { since, lastHeartbeatAt }]) => ({
    ...{ region: name, since, lastAt: lastHeartbeatAt },
  }));
}

function expectedIn(source: ObservedSource, since: number, from: number): number {
  const everyMs = source.options.heartbeatMinutes * MINUTE_MS;
  return Math.max(0, Math.floor((readUntil(source, from) - since) / everyMs));
}

/** How far into the hour the log group was read. */
function readUntil({ facts }: ObservedSource, from: number): number {
  return Math.min(from + HOUR_MS, Math.max(from, facts.lastReadAt ?? from));
}

function unreadMs(source: ObservedSource, from: number): number {
  const begin = Math.min(from + HOUR_MS, Math.max(from, source.firstSeenAt));
  return from + HOUR_MS - Math.max(begin, readUntil(source, from));
}

function largestGapFirst(one: MissingHeartbeats, other: MissingHeartbeats): number {
  return other.expected - other.received - (one.expected - one.received);
}

function sum<Name extends string>(rows: readonly Readonly<Record<Name, number>>[], name: Name): number {
  return rows.reduce((total, row) => total + row[name], 0);
}
