import type { ConfigChange, Verb } from '../../model/config-change.ts';
import { type GuardDutyCall, guardDutyCall } from '../../model/guardduty-call.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Severity } from '../../model/relay-event.ts';
import { filledObject, textOf } from '../lenient.ts';
import { present } from '../present.ts';
import { callSentence, filledWish } from './call-sentence.ts';
import { callVariant } from './call-variant.ts';
import { callerOf } from './caller.ts';

const VERBS: ReadonlyMap<string, Verb> = new Map([
  ...verbs('create', ['Create', 'Enable', 'Invite', 'Accept', 'Start', 'Send', 'Tag']),
  ...verbs('read', ['Get', 'List', 'Describe']),
  ...verbs('update', ['Update', 'Archive', 'Unarchive', 'Untag']),
  ...verbs('delete', ['Delete', 'Disable', 'Disassociate', 'Stop', 'Decline']),
]);

function verbs(verb: Verb, words: readonly string[]): readonly [string, Verb][] {
  return words.map((word) => [word, verb]);
}

function verbOf(eventName: string): Verb {
  const [word = ''] = /^[A-Z][a-z]+/.exec(eventName) ?? [];
  return VERBS.get(word) ?? 'other';
}

const ONE_LOWER: Readonly<Record<Severity, Severity>> = {
  critical: 'high',
  high: 'medium',
  medium: 'low',
  low: 'info',
  info: 'info',
};

/** A call that nobody knows yet may be anything, unless its name says that it reads. */
function callOf(eventName: string, verb: Verb, record: JsonObject): GuardDutyCall {
  const known = guardDutyCall(eventName, callVariant(eventName, record));
  if (known) return known;
  return { severity: verb === 'read' ? 'info' : 'medium', wish: 'use {eventName}' };
}

/** A failed call is an attempt: one step less severe, and no alarm by its name alone. */
function risk(call: GuardDutyCall, hasFailed: boolean): Pick<ConfigChange, 'severity' | 'isHighRisk'> {
  const severity = hasFailed ? ONE_LOWER[call.severity] : call.severity;
  const isSevere = severity === 'critical' || severity === 'high';
  return { severity, isHighRisk: isSevere || (call.isHighRisk === true && !hasFailed) };
}

/** A CloudTrail record of a GuardDuty call. */
export function parseConfigChange(record: JsonObject): ConfigChange {
  const eventName = textOf(record.eventName) ?? 'unknown';
  const verb = verbOf(eventName);
  const call = callOf(eventName, verb, record);
  const request = filledObject(record.requestParameters);
  const errorCode = textOf(record.errorCode);
  const told = { ...callerOf(record), ...present({ errorCode }) };
  return {
    ...present({
      eventId: textOf(record.eventID),
      requestId: textOf(record.requestID),
      eventType: textOf(record.eventType),
      userAgent: textOf(record.userAgent),
      errorMessage: textOf(record.errorMessage),
      request,
      response: filledObject(record.responseElements),
    }),
    ...told,
    eventName,
    eventSource: textOf(record.eventSource) ?? '',
    verb,
    ...risk(call, errorCode !== undefined),
    sentence: callSentence(told, filledWish(call.wish, { ...request, eventName }), call.effect),
  };
}
