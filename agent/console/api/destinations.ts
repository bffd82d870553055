import { z } from 'zod';

import { envelope, head } from './envelope.ts';
import { instant, isoMaybe } from './instant.ts';
import { NOTHING, route } from './route.ts';
import { destinationJson, toDestinationJson } from './source-json.ts';

const row = z.strictObject({
  ...destinationJson.shape,
  type: z.string(),
  format: z.string(),
  customers: z.array(z.string()).describe('Whose records go there'),
  queuedRecords: z.int().optional().describe('In memory; of all customers, so only for callers who see all'),
  queuedBytes: z.int().optional(),
  delivered: z.int().optional().describe('Records since the agent started'),
  retries: z.int().optional(),
  certificateExpiresAt: instant.optional().describe('Of the TLS certificate that it showed last'),
  certificateDays: z.number().optional(),
});

const answer = envelope('destinations', {
  summary: z.strictObject({ destinations: z.int(), blocked: z.int() }),
  data: z.array(row),
});

const DAY_MS = 86_400_000;

export const destinationsRoute = route({
  ...NOTHING,
  method: 'GET',
  path: '/destinations',
  tag: 'health',
  summary: 'Where records go: state, grade, last acknowledgement, what waits, quarantine, TLS certificate.',
  role: 'viewer',
  answer,
  handle({ view, caller, now }) {
    const states = new Map(view.overview().destinations.map((each) => [each.id, each]));
    const idle = { state: 'idle', grade: 'none', waiting: 0, quarantined: 0, behind: 0 } as const;
    const data = view.destinations().map(({ certificateExpiresAt: expiresAt, ...facts }) => {
      const { queuedRecords, queuedBytes, delivered, retries, id, type, format } = facts;
      const seesAll = caller.customers === undefined;
      return {
        ...toDestinationJson(states.get(id) ?? { id, ...idle }),
        ...{ type, format },
        customers: view.customers
          .filter(({ destinations }) => destinations.includes(id))
          .map((each) => each.id),
        ...(seesAll ? { queuedRecords, queuedBytes, delivered, retries } : {}),
        certificateExpiresAt: isoMaybe(expiresAt),
        certificateDays: expiresAt === undefined ? undefined : Math.floor((expiresAt - now) / DAY_MS),
      };
    });
    const blocked = data.filter(({ state }) => state === 'blocked').length;
    return { ...head('destinations', now), summary: { destinations: data.length, blocked }, data };
  },
});
