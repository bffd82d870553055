import { z } from 'zod';

import type { StackFacts } from '../agent-view.ts';
import { envelope, head } from './envelope.ts';
import { instant, isoMaybe } from './instant.ts';
import { NOTHING, route } from './route.ts';

const release = z.strictObject({ version: z.string().optional(), configHash: z.string().optional() });

const row = z
  .strictObject({
    customer: z.string(),
    account: z.string(),
    region: z.string(),
    stack: z.string(),
    mode: z.string(),
    state: z
      .enum(['current', 'outdated', 'unknown', 'foreign'])
      .describe('unknown: nobody could look; foreign: others made the log group, and there is no stack'),
    expected: release,
    seen: release.optional(),
    seenAt: instant.optional(),
    reason: z.string().optional(),
    command: z.string().optional().describe('What to run next'),
  })
  .meta({ id: 'Deployment' });

const answer = envelope('deployments', {
  summary: z.strictObject({ stacks: z.int(), current: z.int(), outdated: z.int(), unknown: z.int() }),
  data: z.array(row),
});
export type DeploymentsAnswer = z.output<typeof answer>;

export const deploymentsRoute = route({
  ...NOTHING,
  method: 'GET',
  path: '/deployments',
  tag: 'accounts',
  summary: 'What stands in each region, as far as the reader role sees it, and what this release would make.',
  role: 'viewer',
  query: z.strictObject({ customer: z.string().optional() }),
  answer,
  async handle({ view, now, query, signal }) {
    const stacks = await view.stacks(signal);
    const data = stacks.filter(({ customer }) => (query.customer ?? customer) === customer).map(toJson);
    const count = (state: string): number => data.filter((each) => each.state === state).length;
    return {
      ...head('deployments', now),
      summary: {
        stacks: data.length,
        ...{ current: count('current'), outdated: count('outdated'), unknown: count('unknown') },
      },
      data,
    };
  },
});

function toJson({ seenAt, hindrance, ...facts }: StackFacts): z.input<typeof row> {
  const state = stateOf(facts);
  const { customer, account, region } = facts;
  return {
    ...facts,
    state,
    seenAt: isoMaybe(seenAt),
    reason: hindrance,
    command:
      state === 'outdated'
        ? `guardrelay update --customer ${customer} --account ${account} --region ${region}`
        : undefined,
  };
}

function stateOf({ mode, expected, seen }: StackFacts): z.input<typeof row>['state'] {
  if (mode === 'existing') return 'foreign';
  if (!seen) return 'unknown';
  const isCurrent = seen.version === expected.version && seen.configHash === expected.configHash;
  return isCurrent ? 'current' : 'outdated';
}
