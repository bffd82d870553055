import { eventKey } from '../model/event-key.ts';
import type { LogEvent } from '../model/log-event.ts';
import { isProved } from '../tail/ingestion-rule.ts';
import type { Wanted } from '../tail/read.ts';
import type { Ledger } from './ledger.ts';
import type { RunContext } from './run-context.ts';

// With every destination behind, the polls go on for health: events are seen, and given to nobody.
const NOBODY = [''] as const;

/** Which of `readers()` still need an event: not finished in the store, not in flight, not from before their time. */
export function createWanted(
  { lease, store, progress }: RunContext,
  readers: () => readonly string[],
  room: () => number,
): Wanted {
  return {
    room,
    async for(events) {
      const readerIds = readers();
      if (readerIds.length === 0) return events.map(() => NOBODY);
      const keys = events.map((event) => eventKey(event.stream, event.id));
      const masks = await store.finished(lease, keys);
      const ids = readerIds.map((id) => ({ id, ...progress.position(id), ledger: progress.ledger(id) }));
      const { state } = progress;
      return events.map((event, index) => {
        const mask = masks[index] ?? 0n;
        const key = keys[index];
        return ids
          .filter((reader) => key && needs(reader, event, key, mask) && !isProved(state, event, reader.bit))
          .map(({ id }) => id);
      });
    },
  };
}

interface Reader {
  readonly bit: number;
  readonly born: number;
  readonly ledger: Pick<Ledger, 'knows'>;
}

function needs({ bit, born, ledger }: Reader, event: LogEvent, key: Uint8Array, mask: bigint): boolean {
  if (event.ingestionTime < born) return false;
  if (mask & (1n << BigInt(bit))) return false;
  return !ledger.knows(key);
}
