import type { Clock } from '../model/clock.ts';
import type { Rec } from '../model/record.ts';
import type { Sink } from '../model/sink.ts';
import { type Source, sourceKey } from '../model/source.ts';
import { isNamed, type Tap, type Tapped, type TapWish } from '../model/tap.ts';

/** A record on its way: with a destination it leaves, else it comes. */
interface Passing {
  readonly record: Rec;
  readonly destination?: string;
  /** As the destination gets it. */
  readonly sent?: Buffer;
}

interface Listener {
  readonly wish: TapWish;
  readonly listener: (tapped: Tapped) => void;
  passed: number;
}

export function createTap({ now }: Pick<Clock, 'now'>): Tap {
  const listeners = new Set<Listener>();

  function pass(passing: Passing): void {
    for (const each of listeners) if (isWanted(passing, each.wish)) tell(each, passing);
  }

  function tell(each: Listener, passing: Passing): void {
    const { stage, oneOf } = each.wish;
    const isChosen = each.passed % oneOf === 0;
    each.passed += 1;
    if (!isChosen) return;
    const { record, destination } = passing;
    const source = sourceOf(record);
    each.listener({
      ...{ at: now(), stage, destination, key: record.key },
      source: source && sourceKey(source),
      bytes: bytesOf(passing, stage),
    });
  }

  return {
    came(records) {
      if (listeners.size > 0) for (const record of records) pass({ record });
    },
    left(destination, records) {
      if (listeners.size === 0) return;
      for (const { record, bytes } of records) pass({ record, destination, sent: bytes });
    },
    listen(wish, listener) {
      const each = { wish, listener, passed: 0 };
      listeners.add(each);
      return () => {
        listeners.delete(each);
      };
    },
  };
}

/** Of a source what comes is shown, and only in the form of its destinations what leaves. */
function isWanted({ record, destination }: Passing, { target, stage, customers }: TapWish): boolean {
  const source = sourceOf(record);
  const customer = record.kind === 'notice' ? record.customer : record.origin.source.customer;
  if (customers && !customers.includes(customer)) return false;
  if (target.kind === 'destination') return target.id === destination;
  const leaves = destination !== undefined;
  return leaves === (stage === 'formatted') && source !== undefined && isNamed(source, target.name);
}

/** Undefined: the agent made it itself. */
function sourceOf(record: Rec): Source | undefined {
  return record.kind === 'notice' ? undefined : record.origin.source;
}

function bytesOf({ record, sent }: Passing, stage: TapWish['stage']): Buffer {
  if (stage === 'formatted' && sent) return sent;
  if (stage === 'raw') return Buffer.from(record.raw);
  // As it was understood; its text is the stage before.
  const { raw: _, ...envelope } = record;
  return Buffer.from(JSON.stringify(envelope));
}

/** The sink, seen by those who listen. */
export function tapped(sink: Sink, destination: string, tap: Pick<Tap, 'left'> | undefined): Sink {
  if (!tap) return sink;
  return {
    place: sink.place,
    caps: sink.caps,
    encode: (record) => sink.encode(record),
    seal: (records) => sink.seal(records),
    send(batch, signal) {
      tap.left(destination, batch.records);
      return sink.send(batch, signal);
    },
    probe: (signal) => sink.probe(signal),
    close: (deadlineMs) => sink.close(deadlineMs),
  };
}
