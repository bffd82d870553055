import { z } from 'zod';
import { nextStep } from '../../model/next-step.ts';
import { STACK_STATES, type StackFacts, stackState } from '../../model/stack-facts.ts';
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
      .enum(STACK_STATES)
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
  const state = stackState(facts);
  return {
    ...facts,
    state,
    seenAt: isoMaybe(seenAt),
    reason: hindrance,
    command: state === 'outdated' ? nextStep('CFN-004', facts) : undefined,
  };
}
