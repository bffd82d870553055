import { createHash } from 'node:crypto';
import { z } from 'zod';

import type { DestinationRow, SourceRow } from '../../health/overview.ts';
import type { RetentionRisk } from '../../health/retention.ts';
import { SOURCE_STATES } from '../../health/states.ts';
import { GRADES } from '../../model/outcome.ts';
import { type Source, sourceKey } from '../../model/source.ts';
import { instant, iso, isoMaybe } from './instant.ts';

/** Where a source is. */
export const place = {
  customer: z.string(),
  account: z.string().describe('The account whose log group is read'),
  region: z.string(),
  logGroup: z.string(),
};

export const sourceState = z.enum(SOURCE_STATES);

const risk = z
  .strictObject({
    destination: z.string(),
    level: z.enum(['warning', 'error']),
    oldestAt: instant.describe('Of the oldest event that it may not have'),
    expiresAt: instant.describe('When that one expires'),
    retentionDays: z.number(),
    isUnread: z.boolean().describe('The log group is not read; the destination takes records'),
    isSpooled: z.literal(true).optional(),
  })
  .meta({ id: 'RetentionRisk', description: 'More than half of the retention of the log group is used up' });

/** A source as `status --json` and the API show it. */
export const sourceJson = z
  .strictObject({
    id: z.string().describe('For /sources/{id}'),
    ...place,
    state: sourceState,
    code: z.string().optional().describe('Its page is docs/errors/<code>.md'),
    reason: z.string(),
    since: instant.optional(),
    destination: z.string().optional().describe('That the state is about'),
    next: z.string().optional().describe('What to run; absent: nothing is wrong'),
    underlying: sourceState.optional().describe('Of a source that is muted: what it would be'),
    mutedUntil: instant.optional(),
    lastHeartbeatAt: instant.optional(),
    heartbeats: z
      .record(z.string(), instant.nullable())
      .optional()
      .describe('Of a hub: the last one of each region; null: it never sent any'),
    lastCanaryAt: instant.optional(),
    canaryRoundTripMs: z.number().optional().describe('From putting it to its standing in the log group'),
    lastEventAt: instant.optional(),
    lastReadAt: instant.optional(),
    lastAckAt: instant.optional(),
    lagSeconds: z.number().optional(),
    waiting: z.int().describe('Events read and not final anywhere'),
    oldestUnfinishedAt: instant.optional(),
    retentionDays: z.number().optional(),
    spooledBytes: z.number().optional(),
    risk: risk.optional(),
  })
  .meta({ id: 'Source' });

export function toSourceJson({ risk, heartbeats, ...row }: SourceRow): z.input<typeof sourceJson> {
  return {
    id: sourceId(row),
    ...row,
    since: isoMaybe(row.since),
    mutedUntil: isoMaybe(row.mutedUntil),
    lastHeartbeatAt: isoMaybe(row.lastHeartbeatAt),
    heartbeats: heartbeats && heartbeatsJson(heartbeats),
    lastCanaryAt: isoMaybe(row.lastCanaryAt),
    lastEventAt: isoMaybe(row.lastEventAt),
    lastReadAt: isoMaybe(row.lastReadAt),
    lastAckAt: isoMaybe(row.lastAckAt),
    oldestUnfinishedAt: isoMaybe(row.oldestUnfinishedAt),
    risk: risk && riskJson(risk),
  };
}

/** Short and the same for ever; a log group's name has slashes, which reverse proxies change in a path. */
export function sourceId(source: Omit<Source, 'partition'>): string {
  return createHash('sha256').update(sourceKey(source)).digest('hex').slice(0, 16);
}

function heartbeatsJson(heartbeats: NonNullable<SourceRow['heartbeats']>): Record<string, string | null> {
  const times = Object.entries(heartbeats);
  return Object.fromEntries(times.map(([region, at]) => [region, at === undefined ? null : iso(at)]));
}

function riskJson({ oldestAt, expiresAt, ...rest }: RetentionRisk): z.input<typeof risk> {
  return { ...rest, oldestAt: iso(oldestAt), expiresAt: iso(expiresAt) };
}

/** A destination as `status --json` and the API show it. */
export const destinationJson = z
  .strictObject({
    id: z.string(),
    state: z.enum(['ok', 'retrying', 'blocked', 'idle']),
    grade: z.enum(GRADES).describe('What its acknowledgements prove'),
    lastAckAt: instant.optional(),
    oldestWaitingAt: instant.optional(),
    waiting: z.int(),
    quarantined: z.int().describe('Records that it refused and that stand in quarantine'),
    behind: z.int().describe('Sources that it has to catch up with'),
    reason: z.string().optional(),
    certificateExpiresAt: instant.optional().describe('Of the TLS certificate that it showed last'),
  })
  .meta({ id: 'DestinationState' });

export function toDestinationJson(row: DestinationRow): z.input<typeof destinationJson> {
  return {
    ...row,
    lastAckAt: isoMaybe(row.lastAckAt),
    oldestWaitingAt: isoMaybe(row.oldestWaitingAt),
    certificateExpiresAt: isoMaybe(row.certificateExpiresAt),
  };
}
