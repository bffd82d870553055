import { randomUUID } from 'node:crypto';

import type { CheckpointStore } from '../checkpoint/store.ts';
import type { Clock } from '../model/clock.ts';
import type { Logger } from '../model/logger.ts';
import { MAX_MUTE_MS, type Mute, type MuteWish } from '../model/mute.ts';

/** What is muted by hand, as an agent knows it. */
export interface Mutes {
  /** As of a few seconds ago: other processes and agents mute, too. */
  current(): readonly Mute[];
  /** Throws a RangeError where it would end too late, or has ended. */
  add(wish: MuteWish): Promise<Mute>;
  /** False: there is none of this id. */
  remove(id: string): Promise<boolean>;
  /** Looks again and again, until `stop`. */
  run(stop: AbortSignal): Promise<void>;
}

const LOOK_EVERY_MS = 5_000;

/** A mute as it is stored. */
export function newMute(wish: MuteWish, now: number): Mute {
  if (wish.until <= now) throw new RangeError('a mute must end in the future');
  if (wish.until > now + MAX_MUTE_MS) throw new RangeError('a mute ends within 30 days');
  return { ...wish, id: randomUUID().slice(0, 8), at: now };
}

interface MutesParts {
  readonly store: Pick<CheckpointStore, 'mutes'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export async function openMutes({ store, clock, logger }: MutesParts): Promise<Mutes> {
  let known = await store.mutes.list();

  async function look(): Promise<void> {
    known = await store.mutes.list();
  }

  return {
    current: () => known,
    async add(wish) {
      const mute = newMute(wish, clock.now());
      await store.mutes.add(mute);
      await look();
      logger.info('sources are muted', { ...mute });
      return mute;
    },
    async remove(id) {
      const isRemoved = await store.mutes.remove(id);
      await look();
      if (isRemoved) logger.info('sources are muted no longer', { id });
      return isRemoved;
    },
    async run(stop) {
      while (!stop.aborted) {
        await clock.sleep(LOOK_EVERY_MS, stop);
        await look().catch((error: unknown) => {
          logger.warn('what is muted cannot be looked up', { error: String(error) });
        });
      }
    },
  };
}
