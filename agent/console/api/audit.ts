import { z } from 'zod';

import { AUDITED } from '../audit-log.ts';
import { envelope, head } from './envelope.ts';
import { instant } from './instant.ts';
import { NOTHING, route } from './route.ts';

const entry = z
  .strictObject({
    at: instant,
    user: z.string(),
    role: z.string().optional(),
    from: z.string().describe('Address of the client'),
    action: z.enum(AUDITED),
    customer: z.string().optional(),
    subject: z.string().optional(),
    outcome: z.enum(['done', 'refused', 'failed']),
    detail: z.string().optional(),
  })
  .meta({ id: 'AuditEntry' });

const answer = envelope('audit', {
  summary: z.strictObject({ entries: z.int() }),
  data: z.array(entry).describe('The newest first'),
});
export type AuditAnswer = z.output<typeof answer>;

export const auditRoute = route({
  ...NOTHING,
  method: 'GET',
  path: '/audit',
  tag: 'agent',
  summary: 'Who did what through this API, the newest first.',
  role: 'admin',
  query: z.strictObject({ limit: z.coerce.number().int().min(1).max(1_000).default(200) }),
  answer,
  async handle({ view, now, query }) {
    const entries = await view.audit.last(query.limit);
    return { ...head('audit', now), summary: { entries: entries.length }, data: [...entries] };
  },
});
