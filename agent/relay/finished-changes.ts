import type { Change, Position } from '../model/position.ts';
import type { FinishedEvent, Ledger } from './ledger.ts';

interface Finisher {
  readonly ledger: Ledger;
  readonly base: Pick<Position, 'bit'>;
}

/** The ids of events that became final since the last commit; destinations that finish one together share a row. */
export function finishedChanges(source: string, finishers: Iterable<Finisher>): readonly Change[] {
  const masks = new Map<Uint8Array, { readonly event: FinishedEvent; readonly mask: bigint }>();
  for (const { base, ledger } of finishers) {
    for (const event of ledger.takeFinished()) {
      const mask = (masks.get(event.key)?.mask ?? 0n) | (1n << BigInt(base.bit));
      masks.set(event.key, { event, mask });
    }
  }
  return [...masks.values()].map(({ event, mask }) => ({ kind: 'finished', source, ...event, mask }));
}
