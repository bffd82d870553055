import type { ClaimedNotice, NoticeStore } from '../../checkpoint/notice-store.ts';
import type { OutboxMeter } from '../../health/outbox-meter.ts';
import type { EncodedRecord } from '../../model/batch.ts';
import type { Clock } from '../../model/clock.ts';
import type { Logger } from '../../model/logger.ts';
import { noticeRecord } from '../../normalize/notice.ts';
import type { Destination } from '../destination.ts';
import type { IndexWriter } from '../index-writer.ts';
import { createWake } from '../wake.ts';

/** Brings one destination the notices that wait for it. */
export interface NoticeDelivery {
  readonly destination: Destination;
  /** Until `stop`, then until what is in flight is final or the drain time is over. */
  run(stop: AbortSignal): Promise<void>;
  /** Something new waits. */
  wake(): void;
}

export interface DeliveryParts {
  readonly notices: NoticeStore;
  readonly meter: OutboxMeter;
  readonly index: IndexWriter;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The name of this process in the store; never that of an earlier one. */
  readonly owner: string;
  readonly leaseMs: number;
}

interface ReadableNotice {
  readonly id: string;
  readonly record: ReturnType<typeof noticeRecord>;
  readonly encoded: EncodedRecord;
}

/** In memory for one destination; the rest waits in the store. */
const MAX_HELD = 50;
/** What another agent has left is found within this time, or when its claim has ended. */
const TICK_MS = 1_000;
const DRAIN_MS = 5_000;

/** `customers`: ids of those whose notices the destination may get. */
export function createNoticeDelivery(
  destination: Destination,
  customers: readonly string[],
  parts: DeliveryParts,
): NoticeDelivery {
  const { id: to, shipper } = destination;
  const { notices, meter, index, clock, logger, leaseMs } = parts;
  const owner = {};
  const wake = createWake(clock);
  let held = 0;
  let extendAt = 0;
  let finished: readonly string[] = [];
  let isStoreFailing = false;

  function submit({ id, record, encoded }: ReadableNotice): void {
    held += 1;
    shipper.submit({
      record: encoded,
      owner,
      done({ kind }) {
        held -= 1;
        finished = [...finished, id];
        meter.told(to, kind);
        if (kind === 'final') index.add({ record, destination: to, at: clock.now() });
        wake.notify();
      },
    });
  }

  function begin(claimed: ClaimedNotice): void {
    const readable = readableOf(claimed, destination);
    if (readable) submit(readable);
    else dropUnreadable(claimed.id);
  }

  function dropUnreadable(id: string): void {
    logger.error('a notice of another release cannot be read and is dropped', { destination: to, id });
    meter.dropped(to, 'unreadable', 1);
    finished = [...finished, id];
  }

  async function settle(): Promise<void> {
    if (finished.length === 0) return;
    const ids = finished;
    index.flush();
    await notices.settle(to, ids);
    finished = finished.filter((id) => !ids.includes(id));
  }

  async function keepClaims(): Promise<void> {
    if (held === 0 || clock.monotonic() < extendAt) return;
    extendAt = clock.monotonic() + leaseMs / 3;
    await notices.extend(parts.owner, to, leaseMs);
  }

  /** A destination that takes nothing is not given more: it is the store that keeps what waits. */
  async function claim(): Promise<void> {
    const max = MAX_HELD - held;
    if (max <= 0 || shipper.status().circuit !== 'closed' || shipper.room() <= 0) return;
    const claimed = await notices.claim({ owner: parts.owner, destination: to, customers, max, leaseMs });
    if (held === 0) extendAt = clock.monotonic() + leaseMs / 3;
    for (const each of claimed) begin(each);
  }

  /** The store may be away for a while; everything stands in it. */
  async function attempt(...steps: readonly (() => Promise<void>)[]): Promise<void> {
    try {
      for (const step of steps) await step();
      isStoreFailing = false;
    } catch (error) {
      if (!isStoreFailing) logger.error('notices cannot be read or noted', { destination: to, error });
      isStoreFailing = true;
    }
  }

  async function drain(): Promise<void> {
    const timeout = new AbortController();
    const until = clock.monotonic() + DRAIN_MS;
    while (held > 0 && shipper.status().circuit === 'closed' && clock.monotonic() < until) {
      await wake.wait(TICK_MS, timeout.signal);
    }
    shipper.withdraw(owner);
    await attempt(settle);
  }

  return {
    destination,
    wake: wake.notify,
    async run(stop) {
      while (!stop.aborted) {
        await attempt(settle, keepClaims, claim);
        await wake.wait(TICK_MS, stop);
      }
      await drain();
    },
  };
}

/** Undefined: this release cannot make anything of it; were it tried again, it would hold up all that come after. */
function readableOf({ id, event }: ClaimedNotice, to: Destination): ReadableNotice | undefined {
  if (!event) return undefined;
  try {
    const record = noticeRecord(event);
    return { id, record, encoded: to.encode(record) };
  } catch {
    return undefined;
  }
}
