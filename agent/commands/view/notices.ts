import { existsSync } from 'node:fs';

import type { Config } from '../../config/config.ts';
import type { NoticeDesk } from '../../console/notice-desk.ts';
import type { Clock } from '../../model/clock.ts';
import { type NoticeMemory, openNoticeMemory } from '../../notify/memory.ts';
import { beginning } from '../../notify/titles.ts';
import { noticeFile } from '../notify/live-notices.ts';

/** What the notices of this agent have left in their file, as `guardrelay notify list` reads it. */
export function createNoticeDesk({ agent, notify }: Config, clock: Clock): NoticeDesk {
  const path = noticeFile(agent.dataDir);

  function reading<T>(read: (memory: NoticeMemory) => T, otherwise: T): T {
    if (!existsSync(path)) return otherwise;
    const memory = openNoticeMemory({ path, now: clock.now });
    try {
      return read(memory);
    } finally {
      memory.close();
    }
  }

  return {
    channels: () =>
      notify.map(({ id, type }) => {
        const { lastOkAt, lastFailure } = reading((memory) => memory.fared(id), {});
        return { id, type, lastOkAt, lastFailureAt: lastFailure?.at, failure: lastFailure?.why };
      }),
    open: () =>
      reading(
        (memory) =>
          notify.flatMap(({ id: channel }) =>
            memory.told(channel).map(({ key, conditions, toldAt }) => ({
              ...{ key, channel, toldAt },
              title: beginning(conditions),
              customers: [...new Set(conditions.flatMap(({ customers }) => customers.map(({ id }) => id)))],
              isAcknowledged: memory.isAcknowledged(channel, key),
            })),
          ),
        [],
      ),
    acknowledge: (key) => reading((memory) => memory.acknowledge(key), 0),
  };
}
