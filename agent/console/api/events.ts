import { z } from 'zod';

import { SOURCE_STATES } from '../../health/states.ts';
import type { LiveEvent } from '../live-feed.ts';
import { instant, iso } from './instant.ts';
import { recordKind } from './record-json.ts';
import { NOTHING, type StreamRoute } from './route.ts';
import { place } from './source-json.ts';

const TYPES = ['handed-out', 'acknowledged', 'state'] as const;

const record = {
  at: instant,
  time: instant.describe('Of the event'),
  customer: z.string(),
  account: z.string(),
  region: z.string(),
  kind: recordKind,
  severity: z.number().optional(),
  what: z.string(),
  key: z.string(),
};

const answer = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('handed-out'), ...record }),
    z.strictObject({ type: z.literal('acknowledged'), ...record, destination: z.string() }),
    z.strictObject({
      type: z.literal('state'),
      at: instant,
      ...place,
      state: z.enum(SOURCE_STATES),
      before: z.enum(SOURCE_STATES).optional(),
      code: z.string().optional(),
      reason: z.string(),
    }),
  ])
  .meta({ id: 'LiveEvent' });
export type LiveEventAnswer = z.output<typeof answer>;

const query = z.strictObject({
  type: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(TYPES)))
    .optional()
    .describe(`One or several, with commas: ${TYPES.join(', ')}`),
  customer: z.string().optional(),
  account: z.string().optional(),
  region: z.string().optional(),
  kind: recordKind.optional(),
  q: z.string().max(200).optional().describe('A part of account, region, type or reason'),
});

export const eventsRoute: StreamRoute = {
  ...NOTHING,
  method: 'GET',
  path: '/events',
  tag: 'records',
  summary:
    'What happens now, as server-sent events: records that are handed out or acknowledged, and changes of state.',
  role: 'viewer',
  media: 'text/event-stream',
  query,
  answer,
  open({ view, query: asked }) {
    const wishes = query.parse(asked);
    return (send) =>
      view.live.listen((event) => {
        if (isWanted(event, wishes)) send(toJson(event));
      });
  },
};

function isWanted(
  event: LiveEvent,
  { type, customer, account, region, kind, q = '' }: z.output<typeof query>,
): boolean {
  return (
    (type ?? [event.type]).includes(event.type) &&
    (customer ?? event.customer) === event.customer &&
    (account ?? event.account) === event.account &&
    (region ?? event.region) === event.region &&
    (kind === undefined || (event.type !== 'state' && event.kind === kind)) &&
    textOf(event).includes(q.toLowerCase())
  );
}

function textOf(event: LiveEvent): string {
  const said = event.type === 'state' ? [event.state, event.code, event.reason] : [event.what, event.key];
  return [event.customer, event.account, event.region, ...said].join(' ').toLowerCase();
}

function toJson(event: LiveEvent): z.input<typeof answer> {
  const at = iso(event.at);
  return event.type === 'state' ? { ...event, at } : { ...event, at, time: iso(event.time) };
}
