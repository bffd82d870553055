import { z } from 'zod';

import { SOURCE_STATES } from '../../health/states.ts';
import { envelope, head, page, pageOf, paging } from './envelope.ts';
import { NOTHING, route } from './route.ts';
import { sourceJson, sourceState, toSourceJson } from './source-json.ts';

const query = z.strictObject({
  customer: z.string().optional(),
  account: z.string().optional(),
  region: z.string().optional(),
  state: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(sourceState))
    .optional()
    .describe(`One or several, with commas: ${SOURCE_STATES.join(', ')}`),
  q: z
    .string()
    .max(200)
    .optional()
    .describe('A part of customer, account, region, log group, code or reason'),
  ...paging,
});

const answer = envelope('sources', {
  summary: z.strictObject({ ...page, states: z.record(sourceState, z.int()) }),
  data: z.array(sourceJson).describe('Problems first'),
});
export type SourcesAnswer = z.output<typeof answer>;

export const sourcesRoute = route({
  ...NOTHING,
  method: 'GET',
  path: '/sources',
  tag: 'health',
  summary: 'Sources, problems first, filtered and in pages; `states` counts all that the caller may see.',
  role: 'viewer',
  query,
  answer,
  handle({ view, now, query }) {
    const { sources, counts } = view.overview();
    const { customer, account, region, state, q = '' } = query;
    const wanted = sources.filter(
      (row) =>
        (customer ?? row.customer) === row.customer &&
        (account ?? row.account) === row.account &&
        (region ?? row.region) === row.region &&
        (state ?? [row.state]).includes(row.state) &&
        textOf(row).includes(q.toLowerCase()),
    );
    const { shown, total } = pageOf(wanted, query);
    const { offset, limit } = query;
    return {
      ...head('sources', now),
      summary: { total, offset, limit, states: counts },
      data: shown.map(toSourceJson),
    };
  },
});

interface Told {
  readonly customer: string;
  readonly account: string;
  readonly region: string;
  readonly logGroup: string;
  readonly code?: string | undefined;
  readonly reason: string;
}

function textOf({ customer, account, region, logGroup, code = '', reason }: Told): string {
  return [customer, account, region, logGroup, code, reason].join(' ').toLowerCase();
}
