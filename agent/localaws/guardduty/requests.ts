import { z } from 'zod';

import type { ListPage } from '../paging.ts';
import { pageOf } from '../paging.ts';

export const ofDetector = z.object({ detectorId: z.string() });

/** The members of a request for a page; a query sends numbers as text. */
export const paged = {
  maxResults: z.coerce.number().int().min(1).max(50).default(50),
  nextToken: z.string().optional(),
};

interface Paging {
  readonly maxResults: number;
  readonly nextToken?: string | undefined;
}

/** A page in the words of GuardDuty, whose last token is empty. */
export function listed<Item>(
  items: readonly Item[],
  { maxResults, nextToken }: Paging,
): Required<ListPage<Item>> {
  const page = pageOf(items, { limit: maxResults, nextToken, invalidCode: 'BadRequestException' });
  return { nextToken: '', ...page };
}
