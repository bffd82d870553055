import type { Clock } from '../model/clock.ts';
import type { RenderableRec } from '../model/record.ts';
import type { Delivered } from '../ship/shipper.ts';
import type { Destination } from './destination.ts';
import { createWake } from './wake.ts';

/** What became of the records that one destination wants. */
export interface Dispatched {
  readonly delivered: number;
  readonly quarantined: number;
  /** Neither: the destination is blocked, there was no more time, or nothing was to be sent. */
  readonly undelivered: number;
}

/** Ships records of one source for which no checkpoint is kept. */
export interface Dispatch {
  /** Waits while a destination is full. `told`: once for each destination that has the record, or refuses it. */
  give(record: RenderableRec, signal: AbortSignal, told?: Told): Promise<void>;
  /** Resolves when nothing is on its way any more, with the results by destination; the rest is taken back. */
  end(signal: AbortSignal): Promise<ReadonlyMap<string, Dispatched>>;
}

type Told = (result: Delivered) => void;

// Waits are cut at this length, so that a blocked destination is seen.
const TICK_MS = 1_000;

export function createDispatch(destinations: readonly Destination[], clock: Clock): Dispatch {
  const owner = {};
  const wake = createWake(clock);
  const results = startResults(destinations);

  async function waitWhile(isWaiting: () => boolean, signal: AbortSignal): Promise<void> {
    while (isWaiting() && !signal.aborted) await wake.wait(TICK_MS, signal);
  }

  async function giveTo(destination: Destination, given: Given, signal: AbortSignal): Promise<void> {
    const { id, shipper } = destination;
    const { record, told } = given;
    results.count(id, 'undelivered', 1);
    await waitWhile(() => shipper.room() <= 0 && !isBlocked(destination), signal);
    if (signal.aborted || isBlocked(destination)) return;
    const done = (result: Delivered): void => {
      results.count(id, 'undelivered', -1);
      results.count(id, result.kind === 'final' ? 'delivered' : 'quarantined', 1);
      told?.(result);
      wake.notify();
    };
    shipper.submit({ record: destination.encode(record), owner, done });
  }

  function isOpen(destination: Destination): boolean {
    return (results.of.get(destination.id)?.undelivered ?? 0) > 0 && !isBlocked(destination);
  }

  return {
    async give(record, signal, told) {
      for (const destination of takers(destinations, record)) {
        await giveTo(destination, { record, told }, signal);
      }
    },
    async end(signal) {
      for (const { shipper } of destinations) shipper.flush();
      await waitWhile(() => destinations.some(isOpen), signal);
      for (const { shipper } of destinations) shipper.withdraw(owner);
      return results.of;
    },
  };
}

interface Given {
  readonly record: RenderableRec;
  readonly told: Told | undefined;
}

/** Sends nothing, and counts what each destination would get. */
export function createDryDispatch(destinations: readonly Destination[]): Dispatch {
  const results = startResults(destinations);
  return {
    async give(record) {
      for (const { id } of takers(destinations, record)) results.count(id, 'undelivered', 1);
    },
    end: async () => results.of,
  };
}

function takers(destinations: readonly Destination[], record: RenderableRec): readonly Destination[] {
  return destinations.filter((destination) => destination.wants(record));
}

function isBlocked({ shipper }: Destination): boolean {
  return shipper.status().circuit === 'blocked';
}

function startResults(destinations: readonly Destination[]) {
  const none: Dispatched = { delivered: 0, quarantined: 0, undelivered: 0 };
  const of = new Map(destinations.map(({ id }) => [id, none]));
  return {
    of,
    count(id: string, what: keyof Dispatched, records: number): void {
      const before = of.get(id) ?? none;
      of.set(id, { ...before, [what]: before[what] + records });
    },
  };
}
