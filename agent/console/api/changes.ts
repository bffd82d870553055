import { z } from 'zod';

import type { ChangeFacts } from '../agent-view.ts';
import { envelope, head } from './envelope.ts';
import { instant, iso } from './instant.ts';
import { severityLevel } from './record-json.ts';
import { NOTHING, route } from './route.ts';

const DAY_MS = 86_400_000;

const row = z
  .strictObject({
    time: instant,
    kind: z.enum(['config-change', 'notice']).describe('notice: of the own plumbing'),
    level: severityLevel.optional(),
    customer: z.string(),
    account: z.string(),
    accountName: z.string().optional(),
    region: z.string(),
    call: z.string().describe('API call, or type of the notice'),
    sentence: z.string().optional(),
    actor: z.string().optional().describe('Who'),
    from: z.string().optional().describe('Address or AWS service'),
    userAgent: z.string().optional(),
    errorCode: z.string().optional().describe('It was tried and refused'),
    key: z.string(),
    acked: z.array(z.strictObject({ destination: z.string(), at: instant })),
  })
  .meta({ id: 'Change' });

const answer = envelope('changes', {
  summary: z.strictObject({ changes: z.int(), complete: z.boolean() }),
  data: z.array(row).describe('The newest first'),
});
export type ChangesAnswer = z.output<typeof answer>;

export const changesRoute = route({
  ...NOTHING,
  method: 'GET',
  path: '/changes',
  tag: 'records',
  summary: 'Changes of the configuration of GuardDuty and of the own plumbing, from the search index.',
  role: 'viewer',
  query: z.strictObject({
    customer: z.string().optional(),
    since: instant.optional().describe('Absent: seven days ago'),
    limit: z.coerce.number().int().min(1).max(1_000).default(100),
  }),
  answer,
  async handle({ view, now, query, signal }) {
    const sinceMs = query.since === undefined ? now - 7 * DAY_MS : Date.parse(query.since);
    const { changes, complete } = await view.changes(
      {
        sinceMs,
        limit: query.limit,
        ...(query.customer === undefined ? {} : { customers: [query.customer] }),
      },
      signal,
    );
    return {
      ...head('changes', now),
      summary: { changes: changes.length, complete },
      data: changes.map(toJson),
    };
  },
});

function toJson(change: ChangeFacts): z.input<typeof row> {
  const { time, kind, level, customer, account, accountName, region } = change;
  const { call, sentence, actor, from, userAgent, errorCode, key, acked } = change;
  return {
    time: iso(time),
    ...{ kind, level, customer, account, accountName, region },
    ...{ call, sentence, actor, from, userAgent, errorCode, key },
    acked: acked.map(({ destination, at }) => ({ destination, at: iso(at) })),
  };
}
