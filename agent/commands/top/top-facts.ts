import { z } from 'zod';

import type { Config } from '../../config/config.ts';
import { SOURCE_STATES } from '../../health/states.ts';
import { askAgent } from '../ask-agent.ts';
import { type Sample, samplesOf } from './samples.ts';

const instant = z.iso.datetime().transform((text) => Date.parse(text));

const source = z.object({
  customer: z.string(),
  account: z.string(),
  region: z.string(),
  state: z.enum(SOURCE_STATES),
  code: z.string().optional(),
  reason: z.string(),
  since: instant.optional(),
});
const destination = z.object({
  id: z.string(),
  state: z.enum(['ok', 'retrying', 'blocked', 'idle']),
  grade: z.string(),
  lastAckAt: instant.optional(),
  oldestWaitingAt: instant.optional(),
  waiting: z.number(),
  quarantined: z.number(),
  reason: z.string().optional(),
});
const status = z.object({
  generatedAt: instant,
  summary: z.object({
    verdict: z.string(),
    states: z.partialRecord(z.enum(SOURCE_STATES), z.number()),
    destinations: z.array(destination),
  }),
  data: z.array(source),
});

export type TopSource = z.output<typeof source>;
type TopDestination = z.output<typeof destination>;

/** What the agent says of itself at one moment. */
export interface TopFacts {
  /** Epoch ms, the agent's clock. */
  readonly at: number;
  readonly verdict: string;
  readonly states: z.output<typeof status>['summary']['states'];
  /** Problems first. */
  readonly sources: readonly TopSource[];
  readonly destinations: readonly TopDestination[];
  readonly samples: readonly Sample[];
}

export const RECEIVED = 'guardrelay_events_received_total';
export const LAG_BUCKET = 'guardrelay_end_to_end_lag_seconds_bucket';

export async function askFacts(config: Config, signal: AbortSignal): Promise<TopFacts> {
  const [answer, metrics] = await Promise.all([
    askAgent(config, '/api/v1/status', signal),
    askAgent(config, '/metrics', signal),
  ]);
  const { generatedAt: at, summary, data: sources } = status.parse(await answer.json());
  return { at, ...summary, sources, samples: samplesOf(await metrics.text(), [RECEIVED, LAG_BUCKET]) };
}
