import type { AccountNames } from '../model/account-names.ts';
import { isJsonObject } from '../model/json.ts';
import type { LogEvent } from '../model/log-event.ts';
import type { CustomerNotes, Origin, SourceRec } from '../model/record.ts';
import type { Source } from '../model/source.ts';
import { type Classified, classify } from './classify.ts';
import { findingsIn } from './finding-list.ts';
import { findingKey, placeOf, timeOf } from './identity.ts';
import { nameOf } from './lenient.ts';
import { parseConfigChange } from './parse/config-change.ts';
import { parseFinding } from './parse/finding.ts';

export interface NormalizeOptions {
  /** Name of the scheduled rule of each region whose events prove the path: `<prefix>-heartbeat`. */
  readonly heartbeatRule: string;
  /** What every record says of the source's customer, where the format has a place for it. */
  readonly customer?: CustomerNotes;
  /** What the accounts are called that the records are about. */
  readonly accountNames?: AccountNames | undefined;
}

function unparsed(raw: string, origin: Origin): SourceRec {
  const { account, region, partition } = origin.source;
  const time = origin.timestamp > 0 ? origin.timestamp : origin.ingestionTime;
  return { kind: 'unparsed', key: origin.eventId, origin, raw, account, region, partition, time };
}

function recordOf(classified: Classified, raw: string, origin: Origin): SourceRec {
  const { kind, detail, envelope } = classified;
  const place = placeOf(classified, origin);
  const known = {
    key: origin.eventId,
    origin,
    raw,
    ...place,
    time: timeOf(classified, origin),
    ...(envelope ? { envelope } : {}),
    detail,
  };
  switch (kind) {
    case 'finding': {
      const finding = parseFinding(detail, place);
      return { ...known, kind, key: findingKey(finding, raw), finding };
    }
    case 'config-change': {
      const change = parseConfigChange(detail);
      return { ...known, kind, key: nameOf(change.eventId) ?? known.key, change };
    }
    case 'guardduty-event':
    case 'heartbeat':
    case 'canary':
      return { ...known, kind, key: nameOf(envelope?.id) ?? known.key };
    case 'unknown':
      return { ...known, kind };
  }
}

/** An export that found nothing is readable all the same. */
function emptyList(value: unknown): Classified | undefined {
  return Array.isArray(value) && value.length === 0 ? { kind: 'unknown', detail: {} } : undefined;
}

function recordsOf(json: string, origin: Origin, rule: string): readonly SourceRec[] {
  const value: unknown = JSON.parse(json);
  const { partition, account } = origin.source;
  const heartbeat = { partition, account, name: rule };
  const classified = isJsonObject(value) ? classify(value, heartbeat) : emptyList(value);
  if (classified && classified.kind !== 'unknown') return [recordOf(classified, json, origin)];
  const listed = findingsIn(value, json);
  if (!listed) return [classified ? recordOf(classified, json, origin) : unparsed(json, origin)];
  return listed.map(({ finding, raw }, index) => {
    const part = listed.length === 1 ? {} : { part: { index, of: listed.length } };
    return recordOf(classify(finding, heartbeat), raw, { ...origin, ...part });
  });
}

function named(record: SourceRec, names: AccountNames): SourceRec {
  const accountName = names.get(record.account);
  return accountName === undefined ? record : { ...record, accountName };
}

function readRecords(message: string, origin: Origin, rule: string): readonly SourceRec[] {
  try {
    return recordsOf(message, origin, rule);
  } catch {
    // Not JSON, or nested deeper than the stack.
    return [unparsed(message, origin)];
  }
}

/**
 * The records of one log event: one, or one per finding where it holds a list of them. Total: what cannot be
 * read comes out as `unparsed` with its text, and nothing is ever dropped.
 */
export function normalize(event: LogEvent, source: Source, options: NormalizeOptions): readonly SourceRec[] {
  const { id: eventId, stream, timestamp, ingestionTime, message } = event;
  const { heartbeatRule, customer, accountNames } = options;
  const origin = { source, stream, eventId, timestamp, ingestionTime, ...(customer ? { customer } : {}) };
  const records = readRecords(message, origin, heartbeatRule);
  return accountNames ? records.map((record) => named(record, accountNames)) : records;
}

/** A canary that another agent sent: not ours to absorb. */
export function asUnknown(rec: Extract<SourceRec, { kind: 'heartbeat' | 'canary' }>): SourceRec {
  return { ...rec, kind: 'unknown', key: rec.origin.eventId };
}
