import { z } from 'zod';
import type { RecordQuery } from '../../model/record-query.ts';

import { envelope, head } from './envelope.ts';
import { instant } from './instant.ts';
import { refusal } from './problem.ts';
import { recordJson, recordKind, toRecordJson } from './record-json.ts';
import { isAtLeast, NOTHING, route } from './route.ts';

const DAY_MS = 86_400_000;

/** What may be said of records that are wanted. */
const recordFilter = {
  q: z.string().max(512).default('').describe('12 digits: an account; with * or ?: anywhere; else a part'),
  customer: z.string().optional(),
  account: z
    .string()
    .regex(/^\d{12}$/)
    .optional()
    .describe('Collecting or member'),
  region: z.string().max(64).optional().describe('* and ? as in eu-*'),
  kind: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(recordKind))
    .optional()
    .describe('One or several, with commas'),
  minSeverity: z.coerce.number().optional().describe('Findings of this severity or above, and changes'),
  type: z.string().max(256).optional().describe('Finding type or API call; * and ? as in Recon:*'),
};

const query = z.strictObject({
  ...recordFilter,
  since: instant.optional().describe('Absent: seven days ago'),
  until: instant.optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(50),
  raw: z.stringbool().default(false).describe('With the original text; needs the role operator'),
});

const answer = envelope('search', {
  summary: z.strictObject({
    pattern: z.string(),
    records: z.int(),
    complete: z.boolean().describe('False: the time for one search was over; older records may match too'),
  }),
  data: z.array(recordJson).describe('The newest first'),
});
export type SearchAnswer = z.output<typeof answer>;

export const searchRoute = route({
  ...NOTHING,
  method: 'GET',
  path: '/search',
  tag: 'records',
  summary: 'Delivered records that match, the newest first; the same engine as `guardrelay search`.',
  role: 'viewer',
  query,
  answer,
  async handle({ view, caller, now, query, signal }) {
    if (query.raw && !isAtLeast(caller, 'operator')) {
      throw refusal('the original text of records needs the role operator');
    }
    const since = query.since === undefined ? now - 7 * DAY_MS : Date.parse(query.since);
    const { records, complete } = await view.search(
      { ...recordQuery(query), limit: query.limit, sinceMs: since, ...untilOf(query) },
      signal,
    );
    return {
      ...head('search', now),
      summary: { pattern: query.q, records: records.length, complete },
      data: records.map((record) => toRecordJson(record, query.raw)),
    };
  },
});

interface FilterValues {
  readonly q: string;
  readonly customer?: string | undefined;
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly kind?: RecordQuery['kinds'] | undefined;
  readonly minSeverity?: number | undefined;
  readonly type?: string | undefined;
}

function recordQuery(wishes: FilterValues): Omit<RecordQuery, 'limit'> {
  const { q, customer, account, region, kind, minSeverity, type } = wishes;
  return {
    pattern: q,
    ...(customer === undefined ? {} : { customers: [customer] }),
    ...(account === undefined ? {} : { account }),
    ...(region === undefined ? {} : { region }),
    ...(kind ? { kinds: kind } : {}),
    ...(minSeverity === undefined ? {} : { minSeverity }),
    ...(type === undefined ? {} : { type }),
  };
}

function untilOf({ until }: { readonly until?: string | undefined }): Pick<RecordQuery, 'untilMs'> {
  return until === undefined ? {} : { untilMs: Date.parse(until) };
}
