import type { Sink } from '../model/sink.ts';
import type { Batch, Item } from './custody.ts';
import { createQueue } from './queue.ts';

/** What waits to be sent: batches that came back, then records that are not sealed yet. */
export interface Batcher {
  readonly empty: boolean;
  add(item: Item): void;
  /** What was added until now, by the monotonic clock, waits for no others any more. */
  flush(nowMs: number): void;
  /** Batches that must be sent again, as they are, ahead of what is newer. */
  putBack(batches: readonly Batch[]): void;
  /** When `next` will have something, by the monotonic clock. */
  dueAt(): number | undefined;
  next(nowMs: number): Batch | undefined;
  /** The first record alone, whatever batch it stands in. */
  single(): Batch | undefined;
  /** A batch of some records of another one. */
  reseal(items: readonly Item[], from: Batch): Batch;
  /** Takes out withdrawn records that are not sealed. */
  dropWithdrawn(): readonly Item[];
  remove(batch: Batch): void;
}

/** Seals when enough bytes or records wait, or the first has waited long enough. The limits may change. */
export function createBatcher(sink: Sink): Batcher {
  const pending = createQueue<Item>();
  let pendingBytes = 0;
  let ready: Batch[] = [];
  let order = 0;
  let flushedAt = Number.NEGATIVE_INFINITY;

  function seal(items: readonly Item[], place: number): Batch {
    const sealed = sink.seal(items.map((item) => item.submission.record));
    const live = items.reduce((count, item) => (item.withdrawn ? count : count + 1), 0);
    const batch: Batch = { sealed, items, order: place, live, place: 'waiting', rejectedAt: undefined };
    for (const item of items) item.batch = batch;
    return batch;
  }

  function sealNext(maxRecords: number): Batch {
    const { maxBatchBytes } = sink.caps;
    const items: Item[] = [];
    let bytes = 0;
    for (let item = pending.first; item && items.length < maxRecords; item = pending.first) {
      bytes += sizeOf(item);
      if (items.length > 0 && bytes > maxBatchBytes) break;
      pendingBytes -= sizeOf(item);
      pending.shift();
      items.push(item);
    }
    order += 1;
    return seal(items, order);
  }

  function reseal(items: readonly Item[], from: Batch): Batch {
    const batch = seal(items, from.order);
    batch.rejectedAt = from.rejectedAt;
    return batch;
  }

  function putBack(batches: readonly Batch[]): void {
    for (const batch of batches) batch.place = 'waiting';
    ready = [...batches, ...ready].sort((one, other) => one.order - other.order);
  }

  function dueAt(): number | undefined {
    const { first } = pending;
    if (ready.length > 0) return 0;
    if (!first) return undefined;
    const { maxBatchBytes, maxBatchRecords, maxBatchWaitMs } = sink.caps;
    const full = pendingBytes >= maxBatchBytes || pending.length >= maxBatchRecords;
    return full || first.queuedAt <= flushedAt ? 0 : first.queuedAt + maxBatchWaitMs;
  }

  return {
    get empty() {
      return ready.length === 0 && pending.length === 0;
    },
    add(item) {
      pending.push(item);
      pendingBytes += sizeOf(item);
    },
    flush(nowMs) {
      flushedAt = nowMs;
    },
    putBack,
    dueAt,
    next(nowMs) {
      const batch = ready.shift();
      if (batch) return batch;
      const due = dueAt();
      return due !== undefined && due <= nowMs ? sealNext(sink.caps.maxBatchRecords) : undefined;
    },
    single() {
      const batch = ready.shift();
      if (!batch) return pending.length > 0 ? sealNext(1) : undefined;
      const [first, ...rest] = batch.items;
      if (!first || rest.length === 0) return batch;
      putBack([reseal(rest, batch)]);
      return reseal([first], batch);
    },
    reseal,
    dropWithdrawn() {
      const dropped = pending.takeOut((item) => item.withdrawn);
      for (const item of dropped) pendingBytes -= sizeOf(item);
      return dropped;
    },
    remove(batch) {
      ready = ready.filter((other) => other !== batch);
    },
  };
}

function sizeOf(item: Item): number {
  return item.submission.record.bytes.length;
}
