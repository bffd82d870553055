import { z } from 'zod';

import { auditEntry } from '../audit-log.ts';
import { envelope, head } from './envelope.ts';
import { NOTHING, route } from './route.ts';

const answer = envelope('audit', {
  summary: z.strictObject({ entries: z.int() }),
  data: z.array(auditEntry).describe('The newest first'),
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
