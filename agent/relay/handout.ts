import { eventKey } from '../model/event-key.ts';
import type { LogEvent } from '../model/log-event.ts';
import type { EventCounts } from '../model/position.ts';
import type { RenderableRec } from '../model/record.ts';
import type { Delivered } from '../ship/shipper.ts';
import type { WantedEvent } from '../tail/read.ts';
import { renderableOf } from './canaries.ts';
import type { Copy } from './copies.ts';
import type { Destination } from './destination.ts';
import type { RunContext } from './run-context.ts';
import { noteAcknowledgement, noteRecord } from './source-memory.ts';

/** Gives the events of a page to the destinations that want them, and remembers what is out. */
export interface Handout {
  give(events: readonly WantedEvent[]): void;
  /** Gives one destination a notice of the agent's own. It holds the floor at `timestamp` until it is final. */
  giveNotice(destination: string, notice: RenderableRec, place: NoticePlace): void;
  /** Takes back what one destination has not sent. */
  withdraw(destination: string): void;
  withdrawAll(): void;
}

function toNobody(): void {}

interface NoticePlace {
  readonly key: Uint8Array;
  /** Epoch ms. */
  readonly timestamp: number;
}

interface Item {
  readonly record: RenderableRec;
  readonly key: Uint8Array;
  readonly ingestionTime: number;
}

export function createHandout(context: RunContext): Handout {
  const { progress, memory, budget, clock, destinations } = context;
  const heldBytes = new Map<string, number>();

  function hold(destination: string, bytes: number): void {
    budget.take(bytes);
    heldBytes.set(destination, (heldBytes.get(destination) ?? 0) + bytes);
  }

  function send(destination: Destination, item: Item, told: (result: Delivered) => void): void {
    const record = destination.encode(item.record);
    const bytes = record.bytes.length;
    hold(destination.id, bytes);
    const done = (result: Delivered): void => {
      hold(destination.id, -bytes);
      acknowledge(destination, item, result);
      if (result.kind === 'final') {
        context.delivered({ record: item.record, destination: destination.id, at: clock.now() });
      }
      told(result);
    };
    destination.shipper.submit({ record, owner: context, done });
  }

  function submit(destination: Destination, item: Item): void {
    const { copies, lease } = context;
    const { record } = item;
    if (!copies || !isIdentified(record)) {
      send(destination, item, toNobody);
      return;
    }
    const copy: Copy = {
      ...{ destination: destination.id, customer: lease.spec.customer, key: record.key },
      ...{ owner: context, bytes: record.raw.length },
      send: () => send(destination, item, (result) => copies.told(copy, result)),
      skip: (grade) => acknowledge(destination, item, { kind: 'final', grade }),
    };
    copies.offer(copy);
  }

  function acknowledge({ id, shipper }: Destination, item: Item, result: Delivered): void {
    const at = clock.now();
    const quarantined = result.kind === 'quarantined';
    const grade = quarantined ? shipper.status().grade : result.grade;
    progress.settle(id, item.key, { grade, isRefused: quarantined });
    noteAcknowledgement(memory, { destination: id, at, lagMs: at - item.ingestionTime, quarantined });
    context.wake.notify();
  }

  /** False: it wants none of them. */
  function giveTo(id: string, records: readonly RenderableRec[], event: LogEvent): boolean {
    const destination = destinations.get(id);
    const wanted = destination ? records.filter((record) => destination.wants(record)) : [];
    if (!destination || wanted.length === 0) return false;
    const key = eventKey(event.stream, event.id);
    progress.ledger(id).enter(key, event, { records: wanted.length, counts: countsOf(records) });
    for (const record of wanted) submit(destination, { record, key, ingestionTime: event.ingestionTime });
    return true;
  }

  function giveEvent({ event, destinations: ids }: WantedEvent): void {
    const records = context.normalize(event);
    for (const record of records) noteRecord(memory, record);
    const renderable = renderableOf(records);
    if (renderable.length === 0) return;
    progress.sawEvent(event.timestamp);
    const takers = ids.filter((id) => giveTo(id, renderable, event));
    if (takers.length > 0) context.handedOut(event, renderable);
  }

  function withdraw(id: string): void {
    destinations.get(id)?.shipper.withdraw(context);
    context.copies?.withdraw(id, context);
    hold(id, -(heldBytes.get(id) ?? 0));
  }

  return {
    give(events) {
      for (const event of events) giveEvent(event);
    },
    giveNotice(id, notice, { key, timestamp }) {
      const destination = destinations.get(id);
      if (!destination?.wants(notice)) return;
      progress.ledger(id).enter(key, { timestamp }, { records: 1 });
      submit(destination, { record: notice, key, ingestionTime: clock.now() });
    },
    withdraw,
    withdrawAll() {
      for (const id of destinations.keys()) withdraw(id);
    },
  };
}

function countsOf(records: readonly RenderableRec[]): EventCounts | undefined {
  const findings = records.filter(({ kind }) => kind === 'finding').length;
  const changes = records.filter(({ kind }) => kind === 'config-change').length;
  return findings + changes > 0 ? { findings, changes } : undefined;
}

/** The key says what it is. Where it only names the log event, other groups may have the same one. */
function isIdentified(record: RenderableRec): boolean {
  return 'origin' in record && record.key !== record.origin.eventId;
}
