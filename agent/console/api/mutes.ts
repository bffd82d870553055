import { z } from 'zod';

import type { Mute } from '../../model/mute.ts';
import { envelope, head } from './envelope.ts';
import { instant, iso } from './instant.ts';
import { notFound, ProblemError } from './problem.ts';
import { type Call, NOTHING, route } from './route.ts';

const row = z
  .strictObject({
    id: z.string(),
    customer: z.string(),
    account: z.string().optional().describe('Absent: all of the customer'),
    region: z.string().optional().describe('A name, or a pattern such as eu-*; absent: all'),
    at: instant.describe('Since when'),
    until: instant,
    reason: z.string(),
    by: z.string().optional().describe('Absent: somebody at the machine of the agent'),
  })
  .meta({ id: 'Mute' });

const answer = envelope('mutes', { summary: z.strictObject({ mutes: z.int() }), data: z.array(row) });
export type MutesAnswer = z.output<typeof answer>;

export const mutesRoute = route({
  ...NOTHING,
  method: 'GET',
  path: '/mutes',
  tag: 'actions',
  summary: 'What is muted by hand: relayed as ever, but nobody is told of its state.',
  role: 'viewer',
  answer,
  handle: ({ view, now }) => answerOf(view.mutes.current(), now),
});

export const muteRoute = route({
  ...NOTHING,
  method: 'POST',
  path: '/mutes',
  tag: 'actions',
  summary: 'Mutes sources of a customer until a time, at most 30 days ahead.',
  role: 'operator',
  body: z.strictObject({
    customer: z.string(),
    account: z
      .string()
      .regex(/^\d{12}$/)
      .optional(),
    region: z
      .string()
      .regex(/^[a-z0-9*-]{1,64}$/)
      .optional()
      .describe('A name, or a pattern such as eu-*'),
    until: instant,
    reason: z.string().min(1).max(200),
  }),
  answer,
  async handle(call) {
    const { view, caller, body, now } = call;
    const { customer, account, region, until, reason } = body;
    if (!view.customers.some(({ id }) => id === customer)) throw notFound(`there is no customer ${customer}`);
    const wish = {
      ...{ customer, reason, until: Date.parse(until), by: caller.name },
      ...(account === undefined ? {} : { account }),
      ...(region === undefined ? {} : { region }),
    };
    const mute = await view.mutes.add(wish).catch((error: unknown) => {
      if (error instanceof RangeError) throw new ProblemError(400, { detail: error.message });
      throw error;
    });
    note(call, mute, `until ${until}: ${reason}`);
    return answerOf([mute], now);
  },
});

export const unmuteRoute = route({
  ...NOTHING,
  method: 'DELETE',
  path: '/mutes/{id}',
  tag: 'actions',
  summary: 'Ends a mute before its time; answers with what is still muted.',
  role: 'operator',
  params: z.strictObject({ id: z.string().max(100) }),
  answer,
  async handle(call) {
    const { view, params, now } = call;
    const mute = view.mutes.current().find(({ id }) => id === params.id);
    if (!mute || !(await view.mutes.remove(mute.id))) throw notFound(`nothing is muted as ${params.id}`);
    note(call, mute, 'ended');
    return answerOf(view.mutes.current(), now);
  },
});

type Asked = Pick<Call<unknown, unknown, unknown>, 'view' | 'caller' | 'from'>;

function note(
  { view, caller, from }: Asked,
  { customer, account = '*', region = '*' }: Mute,
  detail: string,
): void {
  view.audit.add({
    ...{ user: caller.name, role: caller.role, from, action: 'mute', customer },
    ...{ subject: `${account} ${region}`, outcome: 'done', detail },
  });
}

function answerOf(mutes: readonly Mute[], now: number): z.input<typeof answer> {
  const data = mutes.map(({ at, until, ...mute }) => ({ ...mute, at: iso(at), until: iso(until) }));
  return { ...head('mutes', now), summary: { mutes: mutes.length }, data };
}
