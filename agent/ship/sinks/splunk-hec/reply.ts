import { z } from 'zod';

import type { EncodedRecord } from '../../../model/batch.ts';
import { jsonOf } from '../../../model/json.ts';
import type { Outcome } from '../../../model/outcome.ts';
import type { Verdict } from '../../http/answer.ts';
import { retry } from '../../wire/fault.ts';
import type { Answer } from '../../wire/http-client.ts';
import { eventsIn } from './body.ts';

/** What HEC says in the body of an answer. */
const reply = z.object({
  code: z.int(),
  ackId: z.int().min(0).exactOptional(),
  /** Counted from 0 over the events of the request. */
  'invalid-event-number': z.int().min(0).exactOptional(),
});

type Reply = z.infer<typeof reply>;

/** Success; a queue, or the list of acknowledgements, is nearly full. */
const TAKEN = new Set([0, 24, 25]);

/** What the codes of a 400 mean; every other status says enough by itself. */
const OF_CODE: ReadonlyMap<number, Verdict> = new Map([
  // No data: also how a probe is told that its token is good.
  [5, 'reject'],
  // Invalid data format; no event; an empty event; wrong indexed fields.
  [6, 'reject'],
  [12, 'reject'],
  [13, 'reject'],
  [15, 'reject'],
  // Incorrect index; no channel; an invalid channel; acknowledgment is off; no token in a query string.
  [7, 'config'],
  [10, 'config'],
  [11, 'config'],
  [14, 'config'],
  [16, 'config'],
  // Invalid token; disabled token.
  [21, 'auth'],
  [22, 'auth'],
]);

/** Undefined: the body is not HEC's. */
export function replyOf({ text }: Pick<Answer, 'text'>): Reply | undefined {
  return reply.safeParse(jsonOf(text)).data;
}

/** A 200 is only HEC's own word: anything in between can answer 200, too. */
export function hecVerdict(answer: Answer): Verdict | undefined {
  const code = replyOf(answer)?.code;
  if (answer.status === 200) return code !== undefined && TAKEN.has(code) ? 'success' : 'config';
  return answer.status === 400 && code !== undefined ? OF_CODE.get(code) : undefined;
}

/**
 * Where HEC names the event that it refuses, only its record is rejected. Splunk reads a request event by event: it
 * has kept those before the bad one, and never looked at those behind it. No answer promises the former, so all
 * others are sent again.
 */
export function namedRejection(
  records: readonly EncodedRecord[],
  answer: Answer,
  rejection: Outcome,
): readonly Outcome[] | undefined {
  const number = replyOf(answer)?.['invalid-event-number'];
  const refused = number === undefined ? undefined : recordOfEvent(records, number);
  if (!refused || records.length === 1) return undefined;
  const again = retry('DST-005', `event ${number} of the batch was refused, the others are sent again`);
  return records.map((record) => (record === refused ? rejection : again));
}

function recordOfEvent(records: readonly EncodedRecord[], number: number): EncodedRecord | undefined {
  let events = 0;
  return records.find((record) => {
    events += eventsIn(record);
    return events > number;
  });
}
