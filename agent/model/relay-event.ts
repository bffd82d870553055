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
