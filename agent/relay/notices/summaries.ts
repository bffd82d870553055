import { setImmediate } from 'node:timers/promises';

import type { HourStore } from '../../checkpoint/hour-store.ts';
import type { CheckpointStore } from '../../checkpoint/store.ts';
import type { ResolvedCustomer } from '../../config/config.ts';
import { hourlySummary } from '../../health/hourly-summary.ts';
import type { ObservedSource } from '../../health/overview.ts';
import type { Clock } from '../../model/clock.ts';
import type { HourTally } from '../../model/hour-tally.ts';
import type { Logger } from '../../model/logger.ts';
import type { NoticeOutbox } from '../../model/notice-outbox.ts';
import type { RelayEvent } from '../../model/relay-event.ts';

/** Tells the SIEMs of each customer how every full hour went. */
export interface Summaries {
  run(stop: AbortSignal): Promise<void>;
}

interface SummariesParts {
  readonly store: Pick<CheckpointStore, 'hours'>;
  readonly outbox: NoticeOutbox;
  readonly customers: readonly ResolvedCustomer[];
  /** Every source that the store knows: of all agents, with the facts of the last poll. */
  observed(): Promise<readonly ObservedSource[]>;
  readonly agentId: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** So long after the end of an hour, and after the start of the agent, every source has been read. */
const READ_WITHIN_MS = 10 * MINUTE_MS;
/** Of a longer absence of all agents, the hours before these are not told. */
const MAX_HOURS_BACK = 24;

export function createSummaries(parts: SummariesParts): Summaries {
  const { outbox, clock, logger, agentId } = parts;
  const { hours } = parts.store;
  const customers = parts.customers.filter(({ heartbeat }) => heartbeat.forward === 'summary');
  const startedAt = clock.monotonic();
  /** The first hour that is not told. */
  let next: number | undefined;

  async function tell(hour: number, observed: readonly ObservedSource[]): Promise<void> {
    const tally = await hours.read(hour);
    const isKnown = ({ firstSeenAt }: ObservedSource): boolean => firstSeenAt < (hour + 1) * HOUR_MS;
    for (const customer of customers) {
      const sources = observed.filter((source) => source.customer === customer.id);
      if (!sources.some(isKnown)) continue;
      await outbox.put(summaryOf(customer, sources, { ...tally, from: hour * HOUR_MS }));
      // Each is an fsync, and there may be a thousand customers: reading and shipping go on in between.
      await setImmediate();
    }
  }

  function summaryOf(
    { id, name }: ResolvedCustomer,
    sources: readonly ObservedSource[],
    { parts: counted, ...hour }: HourTally & { readonly from: number },
  ): RelayEvent {
    const customer = { id, ...(name === undefined ? {} : { name }) };
    const theirs = new Set(sources.map(({ source }) => source));
    const partsOfTheirs = counted.filter(({ source }) => theirs.has(source));
    return hourlySummary({
      ...hour,
      customer,
      sources,
      agent: agentId,
      now: clock.now(),
      parts: partsOfTheirs,
    });
  }

  /** What is told twice is put once: another agent may have told it, or this one before its restart. */
  async function tellDue(): Promise<void> {
    const end = Math.floor((clock.now() - READ_WITHIN_MS) / HOUR_MS);
    next ??= await firstHour(hours, end);
    await hours.forget(end - MAX_HOURS_BACK);
    if (clock.monotonic() - startedAt < READ_WITHIN_MS) return;
    // The machine may have slept, and the wall clock may have been set back: else no more than two hours lie ahead.
    next = next > end + 2 ? end : Math.max(next, end - MAX_HOURS_BACK);
    if (next >= end) return;
    const observed = await parts.observed();
    for (; next < end; next += 1) await tell(next, observed);
  }

  return {
    async run(stop) {
      while (!stop.aborted) {
        try {
          await hours.watch();
          await tellDue();
        } catch (error) {
          logger.error('the hourly summary could not be kept', { error: String(error) });
        }
        await clock.sleep(MINUTE_MS / 2, stop);
      }
    },
  };
}

/** The hour in which the first agent started is no full one. */
async function firstHour(hours: HourStore, end: number): Promise<number> {
  const watched = await hours.firstWatched();
  return watched === undefined ? end : Math.max(end - MAX_HOURS_BACK, watched + 1);
}
