import { z } from 'zod';

import { isRenderable, type Origin, type RenderableRec, type SourceRec } from '../model/record.ts';
import { type NormalizeOptions, normalize } from '../normalize/normalize.ts';
import { noticeRecord } from '../normalize/notice.ts';
import type { QuarantineEntry } from '../ship/quarantine.ts';
import { backfilled } from './backfill.ts';

const who = z.object({ id: z.string(), name: z.string().exactOptional() });

const notice = z.object({
  schema: z.literal('guardrelay.event/v1'),
  id: z.string(),
  at: z.string(),
  action: z.enum(['trigger', 'resolve', 'notice']),
  key: z.string(),
  type: z.string(),
  severity: z.enum(['info', 'low', 'medium', 'high', 'critical']),
  code: z.string(),
  title: z.string(),
  customer: who.exactOptional(),
  accounts: z.array(who),
  regions: z.array(z.string()),
  destination: z.string().exactOptional(),
  likely: z.string().exactOptional(),
  command: z.string().exactOptional(),
  details: z.record(z.string(), z.unknown()),
});

/**
 * The records that the text of a quarantined one makes today; several if it is understood better than then.
 * `reading`: of the customer as he is configured now; absent: he is not.
 */
export function restore(
  { origin, raw, replay, backfill }: QuarantineEntry,
  reading: NormalizeOptions | undefined,
): readonly RenderableRec[] {
  if (!origin) return [noticeRecord(notice.parse(JSON.parse(raw)))];
  return sourceRecords(raw, origin, reading ?? asThen(origin))
    .map((record) => (backfill ? backfilled(record) : record))
    .map((record) => (replay ? { ...record, replay } : record))
    .map(renderable);
}

function sourceRecords(message: string, origin: Origin, reading: NormalizeOptions): readonly SourceRec[] {
  const { source, eventId: id, part, ...place } = origin;
  const records = normalize({ ...place, id, message }, source, reading);
  return part ? records.map((record) => ({ ...record, origin: { ...record.origin, part } })) : records;
}

function asThen({ customer }: Origin): NormalizeOptions {
  return { heartbeatRule: '', ...(customer && { customer }) };
}

/** It was none of the agent's own when it was refused, so it is none now. */
function renderable(record: SourceRec): RenderableRec {
  return isRenderable(record) ? record : { ...record, kind: 'unknown', key: record.origin.eventId };
}
