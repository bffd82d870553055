import { z } from 'zod';

import type { OpenNotice } from '../notice-desk.ts';
import { envelope, head } from './envelope.ts';
import { instant, iso, isoMaybe } from './instant.ts';
import { notFound } from './problem.ts';
import { type Call, NOTHING, route } from './route.ts';

const notice = z
  .strictObject({
    key: z.string(),
    title: z.string(),
    customers: z.array(z.string()).describe('Whom it concerns; none: the agent itself'),
    channels: z.array(z.string()),
    toldAt: instant,
    isAcknowledged: z.boolean(),
  })
  .meta({ id: 'Notice' });

const channel = z
  .strictObject({
    id: z.string(),
    type: z.string(),
    lastOkAt: instant.optional(),
    lastFailureAt: instant.optional(),
    failure: z.string().optional(),
  })
  .meta({ id: 'Channel' });

const answer = envelope('notices', {
  summary: z.strictObject({ open: z.int(), channels: z.array(channel) }),
  data: z.array(notice).describe('What people were told of and what is not over'),
});

type Asked = Pick<Call<unknown, unknown, unknown>, 'view' | 'now'>;

export const noticesRoute = route({
  ...NOTHING,
  method: 'GET',
  path: '/notices',
  tag: 'actions',
  summary: 'What people were told of and what is not over, and how each channel fares.',
  role: 'viewer',
  answer,
  handle: answerOf,
});

export const acknowledgeRoute = route({
  ...NOTHING,
  method: 'POST',
  path: '/notices/acknowledge',
  tag: 'actions',
  summary: 'Ends the repetitions of a notice, on all channels.',
  role: 'operator',
  body: z.strictObject({ key: z.string().min(1).max(1_000) }),
  answer,
  handle(call) {
    const { view, caller, from, body } = call;
    const found = view.notices.open().find(({ key }) => key === body.key);
    if (!found || view.notices.acknowledge(found.key) === 0) throw notFound('no such notice is open');
    const [customer] = found.customers;
    view.audit.add({
      ...{ user: caller.name, role: caller.role, from, action: 'acknowledge', outcome: 'done' },
      ...{ customer, subject: found.key },
    });
    return answerOf(call);
  },
});

function answerOf({ view, now }: Asked): z.input<typeof answer> {
  const byKey = Map.groupBy(view.notices.open(), ({ key }) => key);
  const data = [...byKey.values()].map(toJson);
  const channels = view.notices.channels().map(({ lastOkAt, lastFailureAt, ...facts }) => ({
    ...facts,
    lastOkAt: isoMaybe(lastOkAt),
    lastFailureAt: isoMaybe(lastFailureAt),
  }));
  return { ...head('notices', now), summary: { open: data.length, channels }, data };
}

/** One that several channels were told of. */
function toJson(same: readonly OpenNotice[]): z.input<typeof notice> {
  return {
    key: same[0]?.key ?? '',
    title: same[0]?.title ?? '',
    customers: [...(same[0]?.customers ?? [])],
    channels: same.map((each) => each.channel),
    toldAt: iso(Math.min(...same.map(({ toldAt }) => toldAt))),
    isAcknowledged: same.every(({ isAcknowledged }) => isAcknowledged),
  };
}
