import { z } from 'zod';

import { SOURCE_STATES } from '../../health/states.ts';
import type { AgentView, CustomerFacts } from '../agent-view.ts';
import { envelope, head, page, pageOf, paging } from './envelope.ts';
import { NOTHING, route } from './route.ts';
import { sourceState } from './source-json.ts';

const row = z
  .strictObject({
    customer: z.string(),
    customerName: z.string().optional(),
    account: z.string(),
    name: z.string().optional(),
    isCollected: z.boolean().describe('Its log groups are read; else it is known by name alone'),
    sources: z.int(),
    worst: sourceState.optional().describe('Of its sources; absent: it has none'),
  })
  .meta({ id: 'Account' });

const answer = envelope('accounts', {
  summary: z.strictObject({ ...page, customers: z.int() }),
  data: z.array(row),
});
export type AccountsAnswer = z.output<typeof answer>;

export const accountsRoute = route({
  ...NOTHING,
  method: 'GET',
  path: '/accounts',
  tag: 'accounts',
  summary: 'Customers and their accounts, with names and the worst state of the sources of each.',
  role: 'viewer',
  query: z.strictObject({ customer: z.string().optional(), ...paging }),
  answer,
  handle({ view, now, query }) {
    const customers = view.customers.filter(({ id }) => (query.customer ?? id) === id);
    const { shown, total } = pageOf(rowsOf(view, customers), query);
    const { offset, limit } = query;
    return {
      ...head('accounts', now),
      summary: { total, offset, limit, customers: customers.length },
      data: [...shown],
    };
  },
});

type Row = z.input<typeof row>;

function rowsOf(view: AgentView, customers: readonly CustomerFacts[]): readonly Row[] {
  const sources = Map.groupBy(view.overview().sources, ({ customer, account }) => `${customer}/${account}`);
  return customers.flatMap(({ id, name: customerName, collects, accountNames }) => {
    const accounts = new Set([...collects, ...accountNames.keys()]);
    return [...accounts].sort().map((account): Row => {
      const states = (sources.get(`${id}/${account}`) ?? []).map(({ state }) => state);
      return {
        ...{ customer: id, customerName, account },
        name: accountNames.get(account),
        isCollected: collects.includes(account),
        sources: states.length,
        worst: SOURCE_STATES.find((state) => states.includes(state)),
      };
    });
  });
}
