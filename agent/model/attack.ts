import type { Actor } from './actor.ts';
import type { Endpoint } from './peer.ts';

/** A name of MITRE ATT&CK. The id is absent where only a name is stated. */
export interface AttackName {
  readonly id?: string;
  readonly name?: string;
}

/** A tactic or a technique that a finding states; nothing says which tactic a technique belongs to. */
export interface Attack {
  readonly tactic?: AttackName;
  readonly technique?: AttackName;
  readonly subTechnique?: AttackName;
}

/** Why signals were put together (HIGH_RISK_API, TOR_IP …). */
export interface Indicator {
  readonly key: string;
  readonly title?: string;
  readonly values: readonly string[];
}

/** One of the findings and activities that make an attack sequence. Times in epoch ms. */
export interface Signal {
  readonly uid?: string;
  readonly type?: string;
  readonly name?: string;
  readonly description?: string;
  readonly severity?: number;
  readonly count?: number;
  readonly created?: number;
  readonly updated?: number;
  readonly firstSeen?: number;
  readonly lastSeen?: number;
  readonly resourceUids: readonly string[];
  readonly actorIds: readonly string[];
  readonly endpointIds: readonly string[];
  readonly indicators: readonly Indicator[];
}

/** An attack in several steps. Its resources stand in the finding's own list. */
export interface Sequence {
  readonly uid?: string;
  readonly description?: string;
  readonly signals: readonly Signal[];
  readonly actors: readonly Actor[];
  readonly endpoints: readonly Endpoint[];
  /** Without tactics and techniques: these are the finding's `attacks`. */
  readonly indicators: readonly Indicator[];
  readonly additionalTypes: readonly string[];
}
