import { z } from 'zod';

import type { Overview } from '../../health/overview.ts';
import { countIn, countMuted, isRead, NEEDS_ACTION, verdict } from '../../health/verdict.ts';
import { envelope, head } from './envelope.ts';
import { instant, iso, isoMaybe } from './instant.ts';
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
    longQuiet: z
      .array(
        z.strictObject({
          customer: z.string(),
          lastFindingAt: instant.optional(),
          since: instant.describe('The last finding, or when the first source was met'),
          expectedWithinMs: z.number(),
        }),
      )
      .describe('Customers without a finding for longer than health.expectFindingWithin'),
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
    longQuiet: overview.longQuiet.map((each) => ({
      ...each,
      since: iso(each.since),
      lastFindingAt: isoMaybe(each.lastFindingAt),
    })),
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
