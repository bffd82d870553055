import { z } from 'zod';

import { daysLeft } from '../../health/certificates.ts';
import { envelope, head } from './envelope.ts';
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
  certificateDays: z.number().optional(),
});

const answer = envelope('destinations', {
  summary: z.strictObject({ destinations: z.int(), blocked: z.int() }),
  data: z.array(row),
});
export type DestinationsAnswer = z.output<typeof answer>;

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
    const data = view.destinations().map(({ certificateExpiresAt, ...facts }) => {
      const { queuedRecords, queuedBytes, delivered, retries, id, type, format } = facts;
      const seesAll = caller.customers === undefined;
      const state = states.get(id) ?? { id, ...idle };
      const expiresAt = certificateExpiresAt ?? state.certificateExpiresAt;
      return {
        ...toDestinationJson({ ...state, certificateExpiresAt: expiresAt }),
        ...{ type, format },
        customers: view.customers
          .filter(({ destinations }) => destinations.includes(id))
          .map((each) => each.id),
        ...(seesAll ? { queuedRecords, queuedBytes, delivered, retries } : {}),
        certificateDays: expiresAt === undefined ? undefined : daysLeft(expiresAt, now),
      };
    });
    const blocked = data.filter(({ state }) => state === 'blocked').length;
    return { ...head('destinations', now), summary: { destinations: data.length, blocked }, data };
  },
});
