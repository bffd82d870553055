import { customerOf, type RenderableRec } from '../../model/record.ts';
import { cutUtf8 } from './message.ts';

/** Names and numbers are shorter; what is longer was made so by somebody. */
const MAX_VALUE_BYTES = 128;
/** RFC 5424 6.3.3: these three must be escaped, and nothing else may be. */
const MUST_ESCAPE = /["\\\]]/g;

/** One SD-ELEMENT (RFC 5424 6.3) with what a record is searched by; `id` is `name@<enterprise number>`. */
export function structuredData(record: RenderableRec, id: string): string {
  const parameters = Object.entries(parametersOf(record)).flatMap(([name, value]) =>
    value === undefined ? [] : [` ${name}="${paramValue(String(value))}"`],
  );
  return `[${id}${parameters.join('')}]`;
}

function parametersOf(
  record: RenderableRec,
): Readonly<Record<string, string | number | boolean | undefined>> {
  const finding = record.kind === 'finding' ? record.finding : undefined;
  return {
    customer: customerOf(record),
    account: record.account,
    adminAccount: record.adminAccount,
    region: record.region,
    type: finding?.type,
    id: finding?.id,
    severity: finding?.severity,
    count: finding?.count,
    sample: finding?.sample === true ? true : undefined,
  };
}

/** PARAM-VALUE: UTF-8, one line. */
function paramValue(text: string): string {
  return cutUtf8(text.replaceAll(/\p{Cc}/gu, ' '), MAX_VALUE_BYTES).replaceAll(MUST_ESCAPE, '\\$&');
}
