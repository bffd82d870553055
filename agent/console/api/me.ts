import { z } from 'zod';

import { ROLES } from '../../model/role.ts';
import { envelope, head } from './envelope.ts';
import { NOTHING, route } from './route.ts';

const answer = envelope('me', {
  summary: z.strictObject({ agentId: z.string(), version: z.string() }),
  data: z.strictObject({
    name: z.string(),
    role: z.enum(ROLES),
    customers: z.array(z.string()).optional().describe('Absent: all'),
    csrfToken: z
      .string()
      .optional()
      .describe('Of a browser session: to be sent as the header x-csrf-token with every change'),
  }),
});
export type MeAnswer = z.output<typeof answer>;

export const meRoute = route({
  ...NOTHING,
  method: 'GET',
  path: '/me',
  tag: 'agent',
  summary: 'Who asks, and what that one may do.',
  role: 'viewer',
  answer,
  handle({ view, caller, now }) {
    const { name, role, customers, csrfToken } = caller;
    return {
      ...head('me', now),
      summary: { agentId: view.agentId, version: view.version },
      data: { name, role, customers: customers && [...customers], csrfToken },
    };
  },
});
