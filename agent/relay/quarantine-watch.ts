import type { Clock } from '../model/clock.ts';
import type { Logger } from '../model/logger.ts';
import { quarantineFolder } from '../ship/quarantine.ts';
import { createQuarantineReader, type QuarantineReader } from '../ship/quarantine-reader.ts';

/** How many records stand in quarantine. Other processes release them, so the files are looked at again and again. */
export interface QuarantineWatch {
  /** As it was at the last look; of these customers, or of all. */
  inQuarantine(destination: string, customers?: readonly string[]): number;
  look(): Promise<void>;
  /** Looks every few seconds until `stop`. */
  run(stop: AbortSignal): Promise<void>;
}

interface WatchOptions {
  readonly dataDir: string;
  /** Ids. */
  readonly destinations: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
}

const EVERY_MS = 10_000;

export function createQuarantineWatch({
  dataDir,
  destinations,
  clock,
  logger,
}: WatchOptions): QuarantineWatch {
  const folder = quarantineFolder(dataDir);
  const readers = new Map<string, QuarantineReader>(
    destinations.map((id) => [id, createQuarantineReader(folder, id)]),
  );

  async function look(): Promise<void> {
    for (const [destination, reader] of readers) {
      await reader.refresh().catch((error: unknown) => {
        logger.warn('the quarantine cannot be counted', { destination, error: String(error) });
      });
    }
  }

  return {
    inQuarantine: (destination, customers) => readers.get(destination)?.standing(customers) ?? 0,
    look,
    async run(stop) {
      while (!stop.aborted) {
        await look();
        await clock.sleep(EVERY_MS, stop);
      }
    },
  };
}
