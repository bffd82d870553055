import { z } from 'zod';

import { REC_KIND } from '../../model/record.ts';
import type { RecentRecord } from '../agent-view.ts';
import { instant, iso } from './instant.ts';

export const recordKind = z.enum(REC_KIND);
export const severityLevel = z.enum(['info', 'low', 'medium', 'high', 'critical']);

/** A record that some destination has. */
export const recordJson = z
  .strictObject({
    time: instant,
    kind: recordKind,
    severity: z.number().optional().describe('Of a finding: 1 to 10'),
    level: severityLevel.optional().describe('Of a change of the configuration'),
    customer: z.string(),
    account: z.string().describe('The account that the record is about'),
    accountName: z.string().optional(),
    adminAccount: z.string().optional().describe('The account that received the event, where it differs'),
    region: z.string(),
    what: z.string().describe('Finding type or API call'),
    title: z.string().optional(),
    key: z.string().describe('By which a SIEM finds it'),
    source: z.string(),
    eventId: z.string().describe('Of the log event'),
    raw: z.string().optional().describe('The original text; for operators who ask for it'),
    acked: z.array(z.strictObject({ destination: z.string(), at: instant })),
  })
  .meta({ id: 'Record' });

export function toRecordJson(record: RecentRecord, withRaw: boolean): z.input<typeof recordJson> {
  const { time, kind, severity, level, customer, account, accountName, adminAccount, region } = record;
  const { what, title, key, source, eventId, raw, acked } = record;
  return {
    time: iso(time),
    ...{ kind, severity, level, customer, account, accountName, adminAccount, region },
    ...{ what, title, key, source, eventId },
    raw: withRaw ? raw : undefined,
    acked: acked.map(({ destination, at }) => ({ destination, at: iso(at) })),
  };
}
