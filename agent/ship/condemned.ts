import type { Clock } from '../model/clock.ts';
import type { Logger } from '../model/logger.ts';
import type { Outcome } from '../model/outcome.ts';
import type { RenderableRec } from '../model/record.ts';
import type { Batch } from './custody.ts';
import type { Quarantine, QuarantineEntry } from './quarantine.ts';
import { quarantineId } from './quarantine-lines.ts';

export type Rejection = Extract<Outcome, { kind: 'reject' }>;

/** Single records on their way into the quarantine file. They stay ours until the file is durable. */
export interface Condemned {
  /** Writes under way. */
  readonly writing: number;
  /** Records whose write failed. */
  readonly unwritten: number;
  add(batch: Batch, rejection: Rejection): void;
  /** Tries the writes that failed once more. */
  tryAgain(): void;
}

interface CondemnedOptions {
  readonly destination: string;
  readonly quarantine: Quarantine;
  readonly clock: Clock;
  readonly logger: Logger;
  onWritten(batch: Batch, rejection: Rejection): void;
  onFailed(detail: string): void;
}

export function createCondemned(options: CondemnedOptions): Condemned {
  const { destination, quarantine, clock, logger } = options;
  let unwritten: { readonly batch: Batch; readonly rejection: Rejection }[] = [];
  let writing = 0;

  async function write(batch: Batch, rejection: Rejection): Promise<void> {
    for (const item of batch.items) {
      if (item.withdrawn) continue;
      const entry = entryOf(item.submission.record.record, { destination, rejection, at: clock.now() });
      await quarantine.write(entry);
      const { key, why } = entry;
      logger.error('a record was refused and stands in quarantine', {
        ...{ destination, id: quarantineId(entry), key, why },
      });
    }
  }

  async function attempt(batch: Batch, rejection: Rejection): Promise<void> {
    writing += 1;
    try {
      await write(batch, rejection);
      writing -= 1;
      options.onWritten(batch, rejection);
    } catch (error) {
      writing -= 1;
      unwritten.push({ batch, rejection });
      const said = error instanceof Error ? error.message : String(error);
      options.onFailed(`AGT-001: the quarantine file of ${destination} cannot be written: ${said}`);
    }
  }

  return {
    get writing() {
      return writing;
    },
    get unwritten() {
      return unwritten.length;
    },
    add(batch, rejection) {
      void attempt(batch, rejection);
    },
    tryAgain() {
      const waiting = unwritten;
      unwritten = [];
      for (const { batch, rejection } of waiting) void attempt(batch, rejection);
    },
  };
}

interface Circumstances {
  readonly destination: string;
  readonly rejection: Rejection;
  readonly at: number;
}

function entryOf(record: RenderableRec, { destination, rejection, at }: Circumstances): QuarantineEntry {
  const { key, kind, account, region, raw } = record;
  return {
    schema: 'guardrelay.quarantine/v1',
    at: new Date(at).toISOString(),
    destination,
    why: rejection.why,
    ...(rejection.code !== undefined && { code: rejection.code }),
    ...{ key, kind, what: whatOf(record), account, region },
    ...(record.kind !== 'notice' && { origin: record.origin }),
    ...(record.replay && { replay: true }),
    ...(record.backfill && { backfill: true }),
    raw,
  };
}

/** What people know it by, as far as it is known. */
function whatOf(record: RenderableRec): string {
  switch (record.kind) {
    case 'finding':
      return record.finding.type ?? '';
    case 'config-change':
      return record.change.eventName;
    case 'notice':
      return record.notice.type;
    case 'guardduty-event':
    case 'unknown':
      return record.envelope?.detailType ?? '';
    case 'unparsed':
      return '';
  }
}
