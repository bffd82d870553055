import { Buffer } from 'node:buffer';

import type { ErrorCode } from '../model/error.ts';
import { eventKey } from '../model/event-key.ts';
import type { LogEvent } from '../model/log-event.ts';
import { type Source, sourceKey } from '../model/source.ts';
import type { QuarantineReader } from '../ship/quarantine-reader.ts';
import type { Wanted, WindowPlan } from '../tail/read.ts';
import { type Standing, type Verdict, verdictOf } from './audit-verdict.ts';
import { renderableOf } from './canaries.ts';
import { passes, type RecordFilter } from './destination.ts';
import type { SourceAccess } from './source-access.ts';

/** Event timestamps, both inclusive, epoch ms. */
export interface AuditWindow {
  readonly from: number;
  readonly to: number;
}

/** One destination that a source is routed to. */
export interface AuditedDestination {
  readonly id: string;
  readonly filter: RecordFilter;
  readonly quarantine: Pick<QuarantineReader, 'refresh' | 'holds'>;
  readonly standing: Standing | undefined;
}

export interface AuditedSource extends Pick<SourceAccess, 'reader' | 'normalize'> {
  readonly source: Source;
  readonly destinations: readonly AuditedDestination[];
  /** The masks of finished destinations per event key. */
  finished(keys: readonly Uint8Array[]): Promise<readonly bigint[]>;
}

/** A log event that a destination should have and has not. */
export interface MissingEvent extends Pick<LogEvent, 'id' | 'stream' | 'timestamp' | 'ingestionTime'> {
  readonly destination: string;
}

/** What became of the log events of one source. */
export interface SourceAudit {
  readonly source: Source;
  readonly events: number;
  /** Each event counts once per destination. */
  readonly counts: Readonly<Record<Verdict, number>>;
  readonly missing: readonly MissingEvent[];
  /** Why the window was not read to its end; what was read of it is counted all the same. */
  readonly failure?: { readonly code: ErrorCode; readonly text: string };
}

const ANYBODY = [''] as const;
const EVERYTHING: Wanted = {
  for: async (events) => events.map(() => ANYBODY),
  room: () => Number.POSITIVE_INFINITY,
};

/** Reads a window of one source and judges each of its events. Changes nothing. */
export async function auditSource(
  audited: AuditedSource,
  { from, to }: AuditWindow,
  signal: AbortSignal,
): Promise<SourceAudit> {
  const { source, reader } = audited;
  const plan: WindowPlan = { what: 'audit', start: from, end: to, due: [] };
  const judge = createJudge(audited);
  for await (const read of reader.read(plan, EVERYTHING, signal)) {
    if (read.kind === 'page') await judge.take(read.events.map(({ event }) => event));
    if (read.kind === 'failed') {
      return { source, ...judge.tally(), failure: { code: read.code, text: read.error } };
    }
  }
  return { source, ...judge.tally() };
}

type Tally = Pick<SourceAudit, 'events' | 'counts' | 'missing'>;

function createJudge({ source, destinations, normalize, finished }: AuditedSource) {
  const name = sourceKey(source);
  const seen = new Set<string>();
  const missing: MissingEvent[] = [];
  const counts = { delivered: 0, quarantined: 0, notOwed: 0, waiting: 0, missing: 0 };

  /** A read whose page token expired begins its window again. */
  function isNew({ key }: KeyedEvent): boolean {
    const known = seen.size;
    return seen.add(Buffer.from(key).toString('latin1')).size > known;
  }

  function judge({ event, key }: KeyedEvent, mask: bigint): void {
    const records = renderableOf(normalize(event));
    for (const { id: destination, filter, quarantine, standing } of destinations) {
      const isQuarantined = quarantine.holds(name, key);
      const isWanted = records.some((record) => passes(record, filter));
      const verdict = verdictOf({ event, isQuarantined, mask, isWanted }, standing);
      counts[verdict] += 1;
      if (verdict === 'missing') missing.push({ ...placeOf(event), destination });
    }
  }

  return {
    async take(events: readonly LogEvent[]): Promise<void> {
      const fresh = events.map((event) => ({ event, key: eventKey(event.stream, event.id) })).filter(isNew);
      const masks = await finished(fresh.map(({ key }) => key));
      // After the masks: a refused record stands in the file before it counts as finished.
      await Promise.all(destinations.map(({ quarantine }) => quarantine.refresh()));
      for (const [at, keyed] of fresh.entries()) judge(keyed, masks[at] ?? 0n);
    },
    tally: (): Tally => ({ events: seen.size, counts, missing }),
  };
}

interface KeyedEvent {
  readonly event: LogEvent;
  readonly key: Uint8Array;
}

function placeOf({ id, stream, timestamp, ingestionTime }: LogEvent): Omit<MissingEvent, 'destination'> {
  return { id, stream, timestamp, ingestionTime };
}
