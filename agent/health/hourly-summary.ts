import { hash } from 'node:crypto';

import type { HourTally } from '../model/hour-tally.ts';
import type { RelayEvent } from '../model/relay-event.ts';
import { type HourCounts, hourCounts } from './hour-counts.ts';
import { type ObservedSource, type Overview, overview, type SourceRow } from './overview.ts';
import { SOURCE_STATES } from './states.ts';
import { countMuted, HEALTHY, isRead } from './verdict.ts';

/** What is known of one customer's hour. Times in epoch ms. */
interface SummaryInput extends HourTally {
  readonly customer: { readonly id: string; readonly name?: string };
  /** Of the agent. */
  readonly agent: string;
  /** When the hour began. */
  readonly from: number;
  readonly now: number;
  /** Of the customer, as they are now. */
  readonly sources: readonly ObservedSource[];
}

/** The type of the notice by which a SIEM sees each hour that a customer's path works. */
const SUMMARY_NOTICE = 'guardrelay.summary';
const HOUR_MS = 3_600_000;
const MINUTES = 60;
const MAX_WORST = 10;
const MAX_NAMED = 3;
const MAX_MISSING = 50;
const MAX_ACCOUNTS = 50;

/** One for each customer and full hour: the same hour has the same id, whichever agent tells it. */
function summaryId(customer: string, from: number): string {
  return hash('sha256', `${customer}\n${new Date(from).toISOString()}`);
}

export function hourlySummary(input: SummaryInput): RelayEvent {
  const { customer, from, now, sources, agent } = input;
  const counts = hourCounts(input);
  const seen = overview(sources, now);
  const worst = seen.sources.filter(isBad);
  const accounts = [
    ...new Set(sources.filter(({ off }) => off?.kind !== 'region').map(({ account }) => account)),
  ].toSorted();
  return {
    schema: 'guardrelay.event/v1',
    id: summaryId(customer.id, from),
    at: new Date(now).toISOString(),
    action: 'notice',
    key: `guardrelay/${customer.id}/${SUMMARY_NOTICE}`,
    type: SUMMARY_NOTICE,
    severity: 'info',
    code: '',
    title: titleOf(input, seen, counts),
    customer,
    // Where it concerns several accounts, none of them is the account of the record.
    accounts: accounts.length === 1 ? accounts.map((id) => ({ id })) : [],
    regions: [],
    ...(worst.length > 0 && { likely: worstText(worst) }),
    details: {
      from: timeText(from),
      to: timeText(from + HOUR_MS),
      agent,
      accounts: accounts.slice(0, MAX_ACCOUNTS),
      sources: { ...seen.counts, off: countMuted(seen).all },
      ...countsDetails(counts),
      oldestUnackedSeconds: oldestUnackedSeconds(seen, now),
      worst: worst.slice(0, MAX_WORST).map(worstDetails),
      minutesWithoutAgent: MINUTES - input.watchedMinutes,
    },
  };
}

function countsDetails({ missing, heartbeats, ...counts }: HourCounts) {
  return {
    heartbeats: {
      ...heartbeats,
      missing: missing.slice(0, MAX_MISSING).map(({ lastAt, ...each }) => ({
        ...each,
        ...(lastAt === undefined ? {} : { lastAt: timeText(lastAt) }),
      })),
      ...(missing.length > MAX_MISSING && { moreMissing: missing.length - MAX_MISSING }),
    },
    ...counts,
  };
}

/** `acme: 17 sources, 16 proven, 1 silent; 204 of 216 heartbeats; 3 findings`. */
function titleOf({ customer, watchedMinutes }: SummaryInput, seen: Overview, counts: HourCounts): string {
  const { heartbeats, findings, changes, quarantined } = counts;
  const proven = HEALTHY.reduce((sum, state) => sum + seen.counts[state], 0);
  const others = SOURCE_STATES.filter(
    (state) => state !== 'off' && !HEALTHY.includes(state) && seen.counts[state] > 0,
  );
  const muted = countMuted(seen).all;
  const states = [
    `${proven} proven`,
    ...others.map((state) => `${seen.counts[state]} ${state}`),
    ...(muted > 0 ? [`${muted} muted`] : []),
  ];
  const total = seen.sources.filter(isRead).length;
  const absent = MINUTES - watchedMinutes;
  return [
    `${customer.id}: ${[counted(total, 'source'), ...states].join(', ')}`,
    ...(heartbeats.expected > 0 ? [`${heartbeats.received} of ${heartbeats.expected} heartbeats`] : []),
    counted(findings, 'finding'),
    ...(changes > 0 ? [counted(changes, 'change')] : []),
    ...(quarantined > 0 ? [`${quarantined} quarantined`] : []),
    ...(counts.unreadMinutes > 0 ? [`${counts.unreadMinutes} min of log groups not read`] : []),
    ...(absent > 0 ? [`no agent ran for ${absent} of 60 min`] : []),
  ].join('; ');
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function isBad(row: SourceRow): boolean {
  const { state, underlying = state } = row;
  return isRead(row) && !HEALTHY.includes(underlying) && underlying !== 'pending';
}

function worstDetails({ account, region, state, reason, code, underlying }: SourceRow) {
  const more = {
    ...(code === undefined ? {} : { code }),
    ...(underlying === undefined ? {} : { underlying }),
  };
  return { account, region, state, reason, ...more };
}

/** Where a format has room for words alone. */
function worstText(worst: readonly SourceRow[]): string {
  const named = worst
    .slice(0, MAX_NAMED)
    .map(({ account, region, state, underlying, reason }) =>
      underlying === undefined
        ? `${account} ${region} ${state}: ${reason}`
        : `${account} ${region} ${reason}`,
    );
  const more = worst.length > MAX_NAMED ? [`${worst.length - MAX_NAMED} more`] : [];
  return [...named, ...more].join('; ');
}

function oldestUnackedSeconds({ destinations }: Overview, now: number): number {
  const oldest = Math.min(now, ...destinations.map(({ oldestWaitingAt = now }) => oldestWaitingAt));
  return Math.round((now - oldest) / 1_000);
}

function timeText(at: number): string {
  return new Date(at).toISOString();
}
