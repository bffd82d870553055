import { z } from 'zod';

/** The least severe first. */
export const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Something the agent itself has to say: to people by a channel, to the SIEM as a record of kind `notice`. */
export interface RelayEvent {
  readonly schema: 'guardrelay.event/v1';
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly action: 'trigger' | 'resolve' | 'notice';
  /** `guardrelay/{customer}/{account}/{region}/{type}`: a trigger and its resolve share it. */
  readonly key: string;
  readonly type: string;
  readonly severity: Severity;
  readonly code: string;
  readonly title: string;
  /** Since when it lasts; ISO 8601, UTC. */
  readonly since?: string;
  /** When it was last known to be well; ISO 8601, UTC. */
  readonly lastGoodAt?: string;
  readonly customer?: { readonly id: string; readonly name?: string };
  readonly accounts: readonly { readonly id: string; readonly name?: string }[];
  readonly regions: readonly string[];
  readonly destination?: string;
  readonly likely?: string;
  /** The exact next step. */
  readonly command?: string;
  /** Into the console. */
  readonly link?: string;
  readonly details: Readonly<Record<string, unknown>>;
}

const named = z.looseObject({ id: z.string(), name: z.exactOptional(z.string()) });

/** As it stands in a store. */
export const relayEvent: z.ZodType<RelayEvent> = z.looseObject({
  schema: z.literal('guardrelay.event/v1'),
  id: z.string(),
  at: z.string(),
  action: z.enum(['trigger', 'resolve', 'notice']),
  key: z.string(),
  type: z.string(),
  severity: z.enum(SEVERITIES),
  code: z.string(),
  title: z.string(),
  since: z.exactOptional(z.string()),
  lastGoodAt: z.exactOptional(z.string()),
  customer: z.exactOptional(named),
  accounts: z.array(named),
  regions: z.array(z.string()),
  destination: z.exactOptional(z.string()),
  likely: z.exactOptional(z.string()),
  command: z.exactOptional(z.string()),
  link: z.exactOptional(z.string()),
  details: z.record(z.string(), z.unknown()),
});
