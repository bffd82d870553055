import { z } from 'zod';

import { SOURCE_STATES } from '../../health/states.ts';
import { MEMBER_STATUSES, type MemberFacts, worstStatus } from '../../model/member-facts.ts';
import type { AgentView, CustomerFacts } from '../agent-view.ts';
import { envelope, head, page, pageOf, paging } from './envelope.ts';
import { instant, isoMaybe } from './instant.ts';
import { NOTHING, route } from './route.ts';
import { sourceState } from './source-json.ts';

const memberStatus = z.enum(MEMBER_STATUSES);

const member = z
  .strictObject({
    region: z.string(),
    administrator: z.string(),
    status: memberStatus,
    text: z.string().describe("AWS's own word"),
    since: instant.optional(),
  })
  .meta({ id: 'Member' });

const row = z
  .strictObject({
    customer: z.string(),
    customerName: z.string().optional(),
    account: z.string(),
    name: z.string().optional(),
    isCollected: z.boolean().describe('Its log groups are read; else it is known by name alone'),
    sources: z.int(),
    worst: sourceState.optional().describe('Of its sources; absent: it has none'),
    email: z.string().optional(),
    status: memberStatus
      .optional()
      .describe('As a member of GuardDuty, the worst of all regions; absent: it is none'),
    members: z.array(member).describe('By region, as its administrator has it'),
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
  summary:
    'Customers and their accounts: names, the worst state of the sources of each, and what it is in GuardDuty.',
  role: 'viewer',
  query: z.strictObject({
    customer: z.string().optional().describe('Only then with members, of whom there may be thousands'),
    ...paging,
  }),
  answer,
  handle({ view, now, query }) {
    const customers = view.customers.filter(({ id }) => (query.customer ?? id) === id);
    const { shown, total } = pageOf(rowsOf(view, customers, query.customer !== undefined), query);
    const { offset, limit } = query;
    return {
      ...head('accounts', now),
      summary: { total, offset, limit, customers: customers.length },
      data: [...shown],
    };
  },
});

type Row = z.input<typeof row>;

function rowsOf(view: AgentView, customers: readonly CustomerFacts[], withMembers: boolean): readonly Row[] {
  const sources = Map.groupBy(view.overview().sources, ({ customer, account }) => `${customer}/${account}`);
  return customers.flatMap(({ id, name: customerName, collects, accountNames }) => {
    const theirs = Map.groupBy(withMembers ? view.members(id) : [], ({ account }) => account);
    const accounts = new Set([...collects, ...accountNames.keys(), ...theirs.keys()]);
    return [...accounts].sort().map((account): Row => {
      const states = (sources.get(`${id}/${account}`) ?? []).map(({ state }) => state);
      return {
        ...{ customer: id, customerName, account },
        name: accountNames.get(account),
        isCollected: collects.includes(account),
        sources: states.length,
        worst: SOURCE_STATES.find((state) => states.includes(state)),
        ...membershipOf(theirs.get(account) ?? []),
      };
    });
  });
}

function membershipOf(facts: readonly MemberFacts[]): Pick<Row, 'email' | 'status' | 'members'> {
  return {
    email: facts.find(({ email }) => email !== undefined)?.email,
    status: facts.length === 0 ? undefined : worstStatus(facts),
    members: facts.map(({ region, administrator, status, text, since }) => ({
      ...{ region, administrator, status, text },
      since: isoMaybe(since),
    })),
  };
}
