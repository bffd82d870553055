import type { Session, User } from './actor.ts';
import type { JsonObject } from './json.ts';
import type { Peer } from './peer.ts';
import type { Severity } from './relay-event.ts';

/** What a call does to the configuration, by its name. */
export type Verb = 'create' | 'read' | 'update' | 'delete' | 'other';

/** One GuardDuty API call that CloudTrail recorded: who, from where, what, and how much it matters. */
export interface ConfigChange {
  readonly eventId?: string;
  readonly requestId?: string;
  readonly eventName: string;
  /** `guardduty.amazonaws.com`. */
  readonly eventSource: string;
  /** `AwsApiCall`, `AwsServiceEvent` … */
  readonly eventType?: string;
  readonly verb: Verb;
  readonly severity: Severity;
  /** May hide findings or end the protection: alarm on it. */
  readonly isHighRisk: boolean;
  /** For people, in one line. */
  readonly sentence: string;
  /** Who, in a word: a name, else an ARN, else the AWS service. */
  readonly actor?: string;
  /** Absent where AWS itself called. */
  readonly user?: User;
  readonly session?: Session;
  /** An address; or a name alone: an AWS service, `AWS Internal`. */
  readonly source: Peer;
  readonly userAgent?: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly request?: JsonObject;
  readonly response?: JsonObject;
}
