import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { LiveFeed } from '../../console/live-feed.ts';
import type { ObservedSource } from '../../health/overview.ts';
import { createStateHistory, type StateStrip } from '../../health/state-history.ts';
import { type SourceHealth, sourceHealth } from '../../health/states.ts';
import type { Clock } from '../../model/clock.ts';
import type { Logger } from '../../model/logger.ts';

interface WatchParts {
  readonly dataDir: string;
  observed(): readonly ObservedSource[];
  readonly live: LiveFeed;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Remembers the states of a day, and tells when one changes. */
export interface StateWatch {
  strip(source: string): StateStrip;
  /** Until `stop`; resolves when it has ended. */
  run(stop: AbortSignal): Promise<void>;
}

const EVERY_MS = 5_000;
const SAVE_EVERY_MS = 5 * 60_000;

/** The history is kept in a file of its own, which nothing else needs: one that is lost is made anew. */
export async function openStateWatch({ dataDir, observed, ...parts }: WatchParts): Promise<StateWatch> {
  const { live, clock, logger } = parts;
  const file = join(dataDir, 'history.json');
  const history = createStateHistory(clock.now, await readFile(file, 'utf8').catch(() => ''));
  const known = new Map<string, SourceHealth>();

  function look(): void {
    const at = clock.now();
    for (const each of observed()) {
      const health = sourceHealth({ ...each, now: at });
      history.note(each.source, health.state);
      const before = known.get(each.source);
      known.set(each.source, health);
      if (before && before.state !== health.state) live.tell(changeOf(each, { health, before, at }));
    }
  }

  async function save(): Promise<void> {
    try {
      await writeFile(`${file}.new`, history.saved(), { mode: 0o600 });
      await rename(`${file}.new`, file);
    } catch (error) {
      logger.warn('the history of states cannot be kept', { file, error: String(error) });
    }
  }

  return {
    strip: (source) => history.strip(source),
    async run(stop) {
      let saveAt = clock.monotonic() + SAVE_EVERY_MS;
      while (!stop.aborted) {
        look();
        if (clock.monotonic() >= saveAt) {
          await save();
          saveAt = clock.monotonic() + SAVE_EVERY_MS;
        }
        await clock.sleep(EVERY_MS, stop);
      }
      await save();
    },
  };
}

interface Change {
  readonly health: SourceHealth;
  readonly before: SourceHealth;
  readonly at: number;
}

function changeOf(
  { customer, account, region, logGroup }: ObservedSource,
  { health: { state, code, reason }, before, at }: Change,
) {
  const place = { customer, account, region, logGroup };
  return { type: 'state' as const, at, ...place, state, before: before.state, code, reason };
}
