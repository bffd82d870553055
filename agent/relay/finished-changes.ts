import type { Change, Position } from '../model/position.ts';
import type { FinishedEvent, Ledger } from './ledger.ts';

interface Finisher {
  readonly ledger: Ledger;
  readonly base: Pick<Position, 'bit'>;
}

interface Finished {
  readonly event: FinishedEvent;
  readonly mask: bigint;
  readonly refused: bigint;
}

/** The ids of events that became final since the last commit; destinations that finish one together share a row. */
export function finishedChanges(source: string, finishers: Iterable<Finisher>): readonly Change[] {
  const all = new Map<Uint8Array, Finished>();
  for (const { base, ledger } of finishers) {
    const bit = 1n << BigInt(base.bit);
    for (const event of ledger.takeFinished()) {
      const { mask = 0n, refused = 0n } = all.get(event.key) ?? {};
      all.set(event.key, { event, mask: mask | bit, refused: event.isRefused ? refused | bit : refused });
    }
  }
  return [...all.values()].map((each) => changeOf(source, each));
}

function changeOf(source: string, { event, mask, refused }: Finished): Change {
  const { isRefused: _, ...finished } = event;
  return { kind: 'finished', source, ...finished, mask, ...(refused > 0n && { refused }) };
}
