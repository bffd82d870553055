import type { ConfigChange } from './config-change.ts';
import type { Finding } from './finding.ts';
import type { JsonObject } from './json.ts';
import type { RelayEvent } from './relay-event.ts';
import type { Source } from './source.ts';

/** What the configuration says of a customer beside the id. */
export interface CustomerNotes {
  /** For people. */
  readonly name?: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Where a record comes from: known from the read, never from its text. */
export interface Origin {
  readonly source: Source;
  /** Of the source's customer, where a configuration was read. */
  readonly customer?: CustomerNotes;
  readonly stream: string;
  /** CloudWatch Logs event id, unique in the source. */
  readonly eventId: string;
  readonly timestamp: number;
  readonly ingestionTime: number;
  /** Only where one log event holds several findings. */
  readonly part?: { readonly index: number; readonly of: number };
}

/** The EventBridge envelope, as far as it could be read. `time` in epoch ms. */
export interface Envelope {
  readonly id?: string;
  readonly account?: string;
  readonly region?: string;
  readonly time?: number;
  readonly detailType?: string;
  readonly source?: string;
  readonly resources: readonly string[];
}

interface Base {
  /** Idempotency key at the destination. May repeat: EventBridge delivers at least once. */
  readonly key: string;
  readonly origin: Origin;
  /** The original text of this record. */
  readonly raw: string;
  /** The account that the record is about: for a member's finding the member. */
  readonly account: string;
  /** Of `account`, where somebody told the agent. */
  readonly accountName?: string;
  /** The account that received the event, where it differs. */
  readonly adminAccount?: string;
  readonly region: string;
  readonly partition: string;
  /** Epoch ms; never 0, never "now". */
  readonly time: number;
  readonly envelope?: Envelope;
  /** Sent again because somebody asked for it (`guardrelay replay`). */
  readonly replay?: true;
  /** Read from GuardDuty itself, not from a log group (`guardrelay backfill`). */
  readonly backfill?: true;
}

export type Rec =
  | (Base & { readonly kind: 'finding'; readonly finding: Finding; readonly detail: JsonObject })
  | (Base & { readonly kind: 'config-change'; readonly change: ConfigChange; readonly detail: JsonObject })
  | (Base & { readonly kind: 'guardduty-event'; readonly detail: JsonObject })
  /** Absorbed by the agent; never rendered. */
  | (Base & { readonly kind: 'heartbeat' | 'canary'; readonly detail: JsonObject })
  /** Made by the agent; `raw` is the notice's JSON. */
  | (Omit<Base, 'origin'> & {
      readonly kind: 'notice';
      readonly customer: string;
      readonly notice: RelayEvent;
    })
  | (Base & { readonly kind: 'unknown'; readonly detail?: JsonObject })
  | (Base & { readonly kind: 'unparsed' });

export type RecKind = Rec['kind'];
/** Every kind, for whoever reads one from outside. */
export const REC_KIND = {
  finding: 'finding',
  'config-change': 'config-change',
  'guardduty-event': 'guardduty-event',
  heartbeat: 'heartbeat',
  canary: 'canary',
  notice: 'notice',
  unknown: 'unknown',
  unparsed: 'unparsed',
} as const satisfies { readonly [Kind in RecKind]: Kind };
/** Records that have a place in a log group. */
export type SourceRec = Extract<Rec, { origin: Origin }>;
/** Records that a destination may get. */
export type RenderableRec = Exclude<Rec, { kind: 'heartbeat' | 'canary' }>;

/** Heartbeats and canaries only move health's clocks. */
export function isRenderable<R extends Rec>(rec: R): rec is Exclude<R, { kind: 'heartbeat' | 'canary' }> {
  return rec.kind !== 'heartbeat' && rec.kind !== 'canary';
}

/** Whose record it is. */
export function customerOf(record: RenderableRec): string {
  return record.kind === 'notice' ? record.customer : record.origin.source.customer;
}
