import { z } from 'zod';

import type { FindingDetail } from './sample-finding.ts';

/**
 * Which findings ListFindings answers with, and in which order. Strict, so that criteria that are not implemented
 * are refused rather than ignored.
 */
export const findingChoice = {
  findingCriteria: z
    .strictObject({
      criterion: z.strictObject({
        /** Epoch ms, as the API documents it. */
        updatedAt: z.strictObject({ greaterThanOrEqual: z.int() }).optional(),
      }),
    })
    .optional(),
  sortCriteria: z
    .strictObject({ attributeName: z.literal('updatedAt'), orderBy: z.enum(['ASC', 'DESC']).default('ASC') })
    .optional(),
};

type Choice = z.output<z.ZodObject<typeof findingChoice>>;

function updated({ updatedAt }: FindingDetail): number {
  return Date.parse(String(updatedAt));
}

/** The findings that match, sorted as asked; equal ones stay in the order in which they came. */
export function chosen(
  findings: readonly FindingDetail[],
  { findingCriteria, sortCriteria }: Choice,
): readonly FindingDetail[] {
  const since = findingCriteria?.criterion.updatedAt?.greaterThanOrEqual;
  const matching = since === undefined ? findings : findings.filter((finding) => updated(finding) >= since);
  if (!sortCriteria) return matching;
  const sign = sortCriteria.orderBy === 'ASC' ? 1 : -1;
  return matching.toSorted((one, other) => sign * (updated(one) - updated(other)));
}
