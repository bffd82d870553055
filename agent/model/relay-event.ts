export type Severity = 'info' | 'low' | 'medium' | 'high' | 'critical';

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
  readonly customer?: { readonly id: string; readonly name?: string };
  readonly accounts: readonly { readonly id: string; readonly name?: string }[];
  readonly regions: readonly string[];
  readonly destination?: string;
  readonly likely?: string;
  readonly command?: string;
  readonly details: Readonly<Record<string, unknown>>;
}
