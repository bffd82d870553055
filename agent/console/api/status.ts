import { z } from 'zod';

import type { Overview } from '../../health/overview.ts';
import { countIn, countMuted, isRead, NEEDS_ACTION, verdict } from '../../health/verdict.ts';
import { envelope, head } from './envelope.ts';
import { NOTHING, route } from './route.ts';
import { destinationJson, sourceJson, sourceState, toDestinationJson, toSourceJson } from './source-json.ts';

const answer = envelope('status', {
  summary: z.strictObject({
    verdict: z.string().describe('All of it in one plain sentence'),
    sources: z.int(),
    needAction: z.int(),
    muted: z.strictObject({
      all: z.int(),
      needAction: z.int().describe('Of these, what would need action if it were not muted'),
    }),
    states: z.record(sourceState, z.int()),
    destinations: z.array(destinationJson),
  }),
  data: z.array(sourceJson).describe('Problems first'),
});

/** What `status` says beside the sources. */
export function statusSummary(overview: Overview): z.input<typeof answer>['summary'] {
  return {
    verdict: verdict(overview),
    sources: overview.sources.filter(isRead).length,
    needAction: countIn(overview, NEEDS_ACTION),
    muted: countMuted(overview),
    states: overview.counts,
    destinations: overview.destinations.map(toDestinationJson),
  };
}

export const statusRoute = route({
  ...NOTHING,
  method: 'GET',
  path: '/status',
  tag: 'health',
  summary: 'Every source and destination, problems first; the same as `guardrelay status --json`.',
  role: 'viewer',
  answer,
  handle({ view, now }) {
    const overview = view.overview();
    return {
      ...head('status', now),
      summary: statusSummary(overview),
      data: overview.sources.map(toSourceJson),
    };
  },
});
