import { hash } from 'node:crypto';

import { isJsonObject } from '../model/json.ts';
import type { LogEvent } from '../model/log-event.ts';
import { textOf } from './lenient.ts';
import { toWireNames } from './sdk-names.ts';
import { ms } from './time.ts';

/** The stream of findings that came from GuardDuty itself and not from a log group. */
const STREAM = 'backfill';

/**
 * A finding as the SDK answers it, as the log event that an export of it would be: wire names, and dates in ISO 8601
 * with milliseconds, as events carry them. What names it comes from the finding, so asking again makes the same event.
 */
export function existingFinding(finding: object, readAt: number): LogEvent {
  const value: unknown = JSON.parse(JSON.stringify(finding));
  if (!isJsonObject(value)) throw new Error('the SDK answered with something that is no finding');
  const wire = toWireNames(value);
  const message = JSON.stringify(wire);
  const arn = textOf(wire.arn);
  const updatedAt = ms(wire.updatedAt);
  const isNamed = arn !== undefined && updatedAt !== undefined;
  const at = updatedAt ?? readAt;
  return {
    id: hash('sha256', isNamed ? `${STREAM}\n${arn}\n${updatedAt}` : message),
    timestamp: at,
    ingestionTime: at,
    stream: STREAM,
    message,
  };
}
