import type { Logger } from '../model/logger.ts';
import type { RenderableRec } from '../model/record.ts';
import type { Happening } from '../notify/memory.ts';
import { changeHappening } from './change-happening.ts';
import type { Names } from './source-conditions.ts';

/** Changes of GuardDuty on their way to people: on disk before a checkpoint moves past them. */
export interface ChangeWatch {
  handedOut(records: readonly RenderableRec[]): void;
  /** Before a commit. */
  flush(): void;
}

interface ChangeParts {
  readonly names: Names;
  /** Durable when it returns. */
  happened(happening: Happening): void;
  /** Epoch ms. */
  now(): number;
  readonly logger: Logger;
}

/** So many wait for a disk that takes nothing. */
const MAX_PENDING = 1_000;

export function createChangeWatch({ names, happened, now, logger }: ChangeParts): ChangeWatch {
  let pending: readonly Happening[] = [];
  let isFailing = false;

  return {
    handedOut(records) {
      const changes = records.flatMap((record) => changeHappening(record, names, now()) ?? []);
      if (changes.length > 0) pending = [...pending, ...changes].slice(-MAX_PENDING);
    },
    flush() {
      const changes = pending;
      try {
        for (const change of changes) happened(change);
        pending = [];
        isFailing = false;
      } catch (error) {
        // Relaying goes on all the same; each commit tries again, and there are many.
        if (!isFailing) {
          logger.error('notices of changes could not be kept', {
            ...{ notices: changes.length, error: String(error) },
          });
        }
        isFailing = true;
      }
    },
  };
}
