import { z } from 'zod';

import { isNamed, TAP_STAGES, type Tapped, type TapTarget } from '../../model/tap.ts';
import type { AgentView } from '../agent-view.ts';
import { instant, iso } from './instant.ts';
import { notFound } from './problem.ts';
import { NOTHING, type StreamRoute } from './route.ts';

const answer = z
  .strictObject({
    at: instant,
    stage: z.enum(TAP_STAGES),
    source: z.string().optional().describe('Absent: the agent made it itself'),
    destination: z.string().optional().describe('Where it goes; absent: it came'),
    key: z.string(),
    bytes: z.base64().describe('Exactly what came, or what leaves'),
  })
  .meta({ id: 'Tapped' });

const query = z
  .strictObject({
    source: z
      .string()
      .max(1_000)
      .optional()
      .describe(
        'customer, customer/account or customer/account/region, each a name or a pattern such as eu-*',
      ),
    destination: z.string().optional(),
    stage: z.enum(TAP_STAGES).optional().describe('Absent: raw of a source, formatted of a destination'),
    oneOf: z.coerce.number().int().min(1).max(1_000_000).default(1).describe('One of so many'),
  })
  .refine(({ source, destination }) => (source === undefined) !== (destination === undefined), {
    error: 'names either a source or a destination',
  });

export const tapRoute: StreamRoute = {
  ...NOTHING,
  method: 'GET',
  path: '/tap',
  tag: 'records',
  summary: 'The bytes of a source as they come, or of a destination as they leave, as server-sent events.',
  role: 'operator',
  media: 'text/event-stream',
  query,
  answer,
  open({ view, query: asked }) {
    const { oneOf, ...wish } = query.parse(asked);
    const target = targetOf(view, wish);
    const stage = wish.stage ?? (target.kind === 'source' ? 'raw' : 'formatted');
    return (send) => view.tap.listen({ target, stage, oneOf }, (tapped) => send(toJson(tapped)));
  },
};

function targetOf(
  view: AgentView,
  { source, destination }: Pick<z.output<typeof query>, 'source' | 'destination'>,
): TapTarget {
  if (source !== undefined) {
    const target = { kind: 'source', name: source } as const;
    if (view.observed().some((each) => isNamed(each, source))) return target;
    throw notFound(`the agent reads no source ${source}`);
  }
  const id = destination ?? '';
  if (view.destinations().some((each) => each.id === id)) return { kind: 'destination', id };
  throw notFound(`the agent has no destination ${id}`);
}

function toJson({ at, bytes, ...tapped }: Tapped): z.input<typeof answer> {
  return { ...tapped, at: iso(at), bytes: bytes.toString('base64') };
}
