import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';

import type { LogEvent } from '../../agent/model/log-event.ts';
import type { LogFields, Logger } from '../../agent/model/logger.ts';
import { silentLogger } from '../../agent/model/logger.ts';
import { createSegments, type SourceSpool } from '../../agent/spool/segments.ts';

/** Of this event time. */
export function eventOf(timestamp: number, message = `${timestamp} `.repeat(500)): LogEvent {
  return { id: `id-${timestamp}`, stream: 's', timestamp, ingestionTime: timestamp, message };
}

/** One that is so large that a kill may cut its write short. */
export function largeEventOf(timestamp: number): LogEvent {
  return eventOf(timestamp, `${timestamp} `.repeat(30_000));
}

export interface SpoolBench {
  readonly folder: string;
  readonly alarms: LogFields[];
  /** As a new process finds it. */
  open(maxBytes?: number): Promise<SourceSpool>;
}

export function spoolBench(t: Test): SpoolBench {
  const folder = join(mkdtempSync(join(t.testdir({}), 'spool-')), 'source');
  const alarms: LogFields[] = [];
  const logger: Logger = { ...silentLogger, error: (_, fields = {}) => alarms.push(fields) };
  return {
    folder,
    alarms,
    async open(maxBytes = Number.POSITIVE_INFINITY) {
      let held = 0;
      const room = {
        left: () => maxBytes - held,
        holds: (_: string, bytes: number) => {
          held = bytes;
        },
      };
      const spool = createSegments({ folder, room, logger });
      await spool.refresh();
      return spool;
    },
  };
}

export async function eventsIn(spool: SourceSpool, start = 0, end?: number): Promise<readonly LogEvent[]> {
  const found: LogEvent[] = [];
  for await (const events of spool.read(end === undefined ? { start } : { start, end }))
    found.push(...events);
  return found;
}
