import { z } from 'zod';

import { envelope, head } from './envelope.ts';
import { NOTHING, route } from './route.ts';

const answer = envelope('config', {
  summary: z.strictObject({ agentId: z.string(), version: z.string() }),
  data: z.record(z.string(), z.unknown()).describe('With every default; secrets as `***`'),
});
export type ConfigAnswer = z.output<typeof answer>;

export const configRoute = route({
  ...NOTHING,
  method: 'GET',
  path: '/config',
  tag: 'agent',
  summary: 'The configuration in force, with every default; secrets are hidden.',
  role: 'admin',
  answer,
  handle({ view, now }) {
    return {
      ...head('config', now),
      summary: { agentId: view.agentId, version: view.version },
      data: { ...view.configuration() },
    };
  },
});
