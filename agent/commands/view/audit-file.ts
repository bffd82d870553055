import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type AuditEntry, type AuditLog, auditEntry } from '../../console/audit-log.ts';
import { createLogRing, logRingFiles } from '../../log-ring.ts';
import type { Clock } from '../../model/clock.ts';
import type { Logger } from '../../model/logger.ts';

const MAX_FILE_BYTES = 5 * 1024 * 1024;

interface AuditParts {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** JSON lines in two files of 5 MB at most; the agent's own log has every entry too. */
export function openAuditFile({ dataDir, clock, logger }: AuditParts): AuditLog {
  const path = join(dataDir, 'audit', 'audit.jsonl');
  const ring = createLogRing(path, MAX_FILE_BYTES);
  return {
    add(entry) {
      const at = new Date(clock.now()).toISOString();
      ring.write(JSON.stringify({ at, ...entry }));
      logger.info('audit', { ...entry });
    },
    async last(limit) {
      const texts = await Promise.all(
        logRingFiles(path).map((file) => readFile(file, 'utf8').catch(() => '')),
      );
      const lines = texts.flatMap((text) => text.split('\n')).filter((line) => line !== '');
      // Only as many as are wanted: reading all of 10 MB would hold up the relay.
      return lines.reverse().values().flatMap(entryIn).take(limit).toArray();
    },
  };
}

/** A crash may have cut the last line short. */
function entryIn(line: string): readonly AuditEntry[] {
  try {
    return [auditEntry.parse(JSON.parse(line))];
  } catch {
    return [];
  }
}
