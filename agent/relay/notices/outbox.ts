import type { CheckpointStore } from '../../checkpoint/store.ts';
import type { ResolvedCustomer } from '../../config/config.ts';
import { createOutboxMeter, type OutboxMeter } from '../../health/outbox-meter.ts';
import type { NoticeOutbox } from '../../model/notice-outbox.ts';
import type { RelayEvent } from '../../model/relay-event.ts';
import { noticeRecord } from '../../normalize/notice.ts';
import type { SearchIndex } from '../../search/search-index.ts';
import type { Destination } from '../destination.ts';
import { createIndexWriter } from '../index-writer.ts';
import { routesTo } from '../routes.ts';
import { createNoticeDelivery, type DeliveryParts, type NoticeDelivery } from './delivery.ts';

/**
 * The outbox of every agent that shares the store: it stands in there beside the checkpoints, so that what one agent
 * has put is delivered by another when the first dies, and one id is put once, whoever puts it.
 */
export interface Outbox extends NoticeOutbox {
  readonly meter: OutboxMeter;
  /** Delivers until `stop`, and forgets what is over the limits. */
  run(stop: AbortSignal): Promise<void>;
}

interface OutboxParts extends Omit<DeliveryParts, 'meter' | 'index' | 'notices'> {
  readonly store: Pick<CheckpointStore, 'notices'>;
  readonly customers: readonly ResolvedCustomer[];
  readonly destinations: readonly Destination[];
  readonly index: SearchIndex;
}

const DAY_MS = 24 * 3_600_000;
/** Of one notice; its id is known for as long. */
const MAX_AGE_MS = 14 * DAY_MS;
/** For one destination; about 20 MB. */
const MAX_WAITING = 10_000;
const PRUNE_EVERY_MS = 60_000;

export function createOutbox(parts: OutboxParts): Outbox {
  const { customers, destinations, clock, logger, owner } = parts;
  const { notices } = parts.store;
  const meter = createOutboxMeter({
    destinations: destinations.map(({ id }) => id),
    waiting: () => notices.waiting(),
  });
  const index = createIndexWriter(parts.index, logger);
  const deliveries = destinations.map((destination) =>
    createNoticeDelivery(destination, customersOf(destination, customers), {
      ...parts,
      notices,
      meter,
      index,
    }),
  );

  async function prune(): Promise<void> {
    for (const { destination, reason, count } of await notices.prune({
      maxAgeMs: MAX_AGE_MS,
      maxWaiting: MAX_WAITING,
    })) {
      meter.dropped(destination, reason, count);
      logger.error('notices were dropped: the destination did not take them in time', {
        ...{ destination, reason, count },
      });
    }
  }

  async function pruneOften(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      await prune().catch((error: unknown) => logger.error('old notices cannot be forgotten', { error }));
      await clock.sleep(PRUNE_EVERY_MS, stop);
    }
  }

  return {
    meter,
    async put(event) {
      const customer = customers.find(({ id }) => id === event.customer?.id);
      const takers = customer ? takersOf(event, customer, deliveries) : [];
      if (takers.length === 0) return;
      await notices.put(
        event,
        takers.map(({ destination }) => destination.id),
      );
      for (const taker of takers) taker.wake();
    },
    async run(stop) {
      await Promise.all([pruneOften(stop), ...deliveries.map((delivery) => delivery.run(stop))]);
      await notices.release(owner);
    },
  };
}

function customersOf({ id }: Destination, customers: readonly ResolvedCustomer[]): readonly string[] {
  return customers
    .filter(({ destinations }) => destinations.some((route) => route.id === id))
    .map((each) => each.id);
}

/** What names no region concerns all of the customer. */
function takersOf(
  event: RelayEvent,
  customer: ResolvedCustomer,
  deliveries: readonly NoticeDelivery[],
): readonly NoticeDelivery[] {
  const everywhere = customer.destinations.map(({ id }) => id);
  const routes = event.regions.flatMap((region) => routesTo(customer.destinations, region));
  const ids = new Set(event.regions.length > 0 ? routes : everywhere);
  const record = noticeRecord(event);
  return deliveries.filter(({ destination }) => ids.has(destination.id) && destination.wants(record));
}
