import { isJsonObject, type JsonObject } from '../model/json.ts';
import type { Envelope } from '../model/record.ts';
import { envelopeOf } from './envelope.ts';
import { objectOf, textOf } from './lenient.ts';
import { toWireNames } from './sdk-names.ts';

/** What a JSON object is. */
export interface Classified {
  readonly kind: 'finding' | 'config-change' | 'guardduty-event' | 'heartbeat' | 'canary' | 'unknown';
  /** What the record is about, in wire names. */
  readonly detail: JsonObject;
  readonly envelope?: Envelope;
}

const GUARDDUTY_API = 'guardduty.amazonaws.com';
const CLOUDTRAIL_TYPES: ReadonlySet<string | undefined> = new Set([
  'AWS API Call via CloudTrail',
  'AWS Service Event via CloudTrail',
]);

/** By hand and not by a pattern: hostile text makes patterns with two gaps slow. */
function isFindingArn(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const service = value.indexOf(':guardduty:');
  const detector = service < 0 ? -1 : value.indexOf(':detector/', service + ':guardduty'.length);
  return detector >= 0 && value.indexOf('/finding/', detector + ':detector/'.length + 1) >= 0;
}

function isWireFinding(value: JsonObject): boolean {
  return isFindingArn(value.arn) && textOf(value.type) !== undefined;
}

function isSdkFinding(value: JsonObject): boolean {
  return isFindingArn(value.Arn) && textOf(value.Type) !== undefined;
}

/** A finding without an envelope, in either kind of names. */
export function isBareFinding(value: unknown): value is JsonObject {
  return isJsonObject(value) && (isWireFinding(value) || isSdkFinding(value));
}

function isCanary({ source }: Envelope, detail: JsonObject): boolean {
  return source === 'guardrelay.canary' && textOf(detail.id) !== undefined;
}

/** What the scheduled rule of any region is called; a hub's log group has the heartbeats of all of them. */
interface HeartbeatRule {
  readonly partition: string;
  readonly account: string;
  readonly name: string;
}

function isHeartbeat(
  { source, detailType, region, resources }: Envelope,
  { partition, account, name }: HeartbeatRule,
): boolean {
  if (source !== 'aws.events' || detailType !== 'Scheduled Event') return false;
  return resources.includes(`arn:${partition}:events:${region}:${account}:rule/${name}`);
}

/** Test events that somebody cut down to the finding carry no detail-type. */
function isCutDownFinding({ detailType }: Envelope, { service, type }: JsonObject): boolean {
  return (
    detailType === undefined && objectOf(service).serviceName === 'guardduty' && textOf(type) !== undefined
  );
}

function kindInEnvelope(
  envelope: Envelope,
  detail: JsonObject,
  heartbeat: HeartbeatRule,
): Classified['kind'] {
  const { source, detailType } = envelope;
  const isGuardDuty = source === 'aws.guardduty' && detailType !== undefined;
  if (isCanary(envelope, detail)) return 'canary';
  if (isHeartbeat(envelope, heartbeat)) return 'heartbeat';
  if (isGuardDuty && detailType === 'GuardDuty Finding') return 'finding';
  if (CLOUDTRAIL_TYPES.has(detailType) && detail.eventSource === GUARDDUTY_API) return 'config-change';
  if (isGuardDuty) return 'guardduty-event';
  return isCutDownFinding(envelope, detail) ? 'finding' : 'unknown';
}

function classifyEnveloped(event: JsonObject, detail: JsonObject, heartbeat: HeartbeatRule): Classified {
  const envelope = envelopeOf(event);
  const kind = kindInEnvelope(envelope, detail, heartbeat);
  const inSdkNames = kind === 'finding' && detail.accountId === undefined && detail.AccountId !== undefined;
  return { kind, envelope, detail: inSdkNames ? toWireNames(detail) : detail };
}

function classifyBare(event: JsonObject): Classified {
  if (event.eventSource === GUARDDUTY_API && textOf(event.eventName) !== undefined) {
    return { kind: 'config-change', detail: event };
  }
  if (isWireFinding(event)) return { kind: 'finding', detail: event };
  if (isSdkFinding(event)) return { kind: 'finding', detail: toWireNames(event) };
  const hasEnvelope = textOf(event['detail-type']) !== undefined;
  return { kind: 'unknown', detail: event, ...(hasEnvelope ? { envelope: envelopeOf(event) } : {}) };
}

/** The first form that matches, in the order of the design: whatever nobody knows is `unknown`. */
export function classify(event: JsonObject, heartbeat: HeartbeatRule): Classified {
  if (!isJsonObject(event.detail)) return classifyBare(event);
  const enveloped = classifyEnveloped(event, event.detail, heartbeat);
  if (enveloped.kind !== 'unknown') return enveloped;
  const bare = classifyBare(event);
  return bare.kind === 'unknown' ? enveloped : bare;
}
