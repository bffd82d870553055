import type { ErrorCode } from './error.ts';
import type { BlockedWhy, Grade } from './outcome.ts';
import type { RecKind } from './record.ts';

/** Why a read of a source failed. */
export type ReadCause =
  | 'throttled'
  | 'denied'
  | 'region-off'
  | 'unreachable'
  | 'no-group'
  | 'wrong-class'
  | 'kms'
  | 'credentials'
  | 'token'
  | 'service';

/** Waiting does not repair these: a person has to act. */
export const LASTING_CAUSES: readonly ReadCause[] = [
  'denied',
  'region-off',
  'no-group',
  'wrong-class',
  'kms',
  'credentials',
];

/** A failure of a source, as `status` shows it. */
interface SourceFailure {
  readonly cause: ReadCause;
  readonly code: ErrorCode;
  /** One sentence, with what AWS said. */
  readonly text: string;
  /** Epoch ms of the first of these failures in a row. */
  readonly since: number;
}

/** One destination, seen from one source. Times in epoch ms. */
export interface DestinationFacts {
  readonly grade: Grade;
  readonly mode: 'joined' | 'behind';
  readonly lastAckAt?: number;
  /** Timestamp of the oldest event that is not final, or from which on it has to catch up. */
  readonly oldestWaitingAt?: number;
  readonly waiting: number;
  readonly quarantined: number;
  /** Our part of the way for the last acknowledged event: acknowledged − ingested. */
  readonly lagMs?: number;
  readonly blocked?: { readonly why: BlockedWhy; readonly detail: string };
  /** When the certificate ends that it showed last. */
  readonly certificateExpiresAt?: number;
  /** Why the destination does not take records now. */
  readonly retrying?: string;
}

/** A region whose events another one's log group takes. Times in epoch ms. */
export interface OriginFacts {
  /** Since when its heartbeats are expected. */
  readonly since: number;
  readonly lastHeartbeatAt?: number;
}

/** The canary that was put last, and those before it. Times in epoch ms, by AWS's clock. */
export interface CanaryFacts {
  readonly sentAt: number;
  /** It may still be under way. */
  readonly isAwaited: boolean;
  /** How many in a row did not come. */
  readonly missed: number;
  /** When the first of those was put. */
  readonly missedSince?: number;
  /** Of the last one that came: from putting it to its standing in the log group. */
  readonly roundTripMs?: number;
  /** Why none could be put at `sentAt`. */
  readonly hindrance?: { readonly text: string; readonly isRefusal: boolean };
}

/** A part between GuardDuty and the log group that does not carry events. */
export interface PlumbingTrouble {
  readonly region: string;
  readonly code: ErrorCode;
  /** One sentence. */
  readonly text: string;
}

/** The last look at detector, rules and policy. Times in epoch ms, by AWS's clock. */
export interface PlumbingFacts {
  readonly lookedAt: number;
  readonly troubles: readonly PlumbingTrouble[];
  /** Since when something is wrong. */
  readonly since?: number;
  /** The rights to look are missing. */
  readonly isBlind: boolean;
  /** Nobody has looked yet: `lookedAt` only says when the first look is due. */
  readonly isAwaited?: true;
}

/** What happened to one source, for health, status and probes. Times in epoch ms. */
export interface SourceFacts {
  /** Start of the last complete read. */
  readonly lastReadAt?: number;
  readonly lastHeartbeatAt?: number;
  /** Of a hub: every region that must send heartbeats here, its own too. Absent: its own alone. */
  readonly origins?: Readonly<Record<string, OriginFacts>>;
  readonly lastCanaryAt?: number;
  readonly canary?: CanaryFacts;
  /** Of a hub: of each other region whose findings rule forwards to it. */
  readonly canaries?: Readonly<Record<string, CanaryFacts>>;
  readonly plumbing?: PlumbingFacts;
  readonly lastEventAt?: number;
  readonly lastEventKind?: RecKind;
  readonly lastFindingAt?: number;
  readonly failure?: SourceFailure;
  /** The last time that events expired before a destination had them; `from` and `to` are event times. */
  readonly gap?: {
    readonly destination: string;
    readonly from: number;
    readonly to: number;
    readonly at: number;
  };
  /** Since when not every finished id is kept: an event that becomes readable long after its ingestion is missed. */
  readonly ingestionRuleSince?: number;
  /** Of the log group; absent: it keeps its events for ever, or was not looked at yet. */
  readonly retentionDays?: number;
  /** What the spool holds: event times without a hole, from where a destination needs them on, up to `until`. */
  readonly spool?: { readonly bytes: number; readonly until: number };
  readonly pollSeconds: number;
  readonly destinations: Readonly<Record<string, DestinationFacts>>;
}
