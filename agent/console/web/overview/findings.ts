import { useMemo } from 'preact/hooks';

import type { SearchAnswer } from '../../api/search.ts';
import { findingsBy } from '../../view/matrix.ts';
import { queryOf } from '../api.ts';
import { usePolled } from '../polled.ts';

const DAY_MS = 86_400_000;
/** What one search answers at most; with more, the oldest of the day are not counted. */
const MAX_RECORDS = 1_000;

/** The findings of a day by customer and region, asked for when they are wanted. */
export function useFindings(isWanted: boolean): ReadonlyMap<string, number> | undefined {
  const path = useMemo(() => (isWanted ? pathNow() : undefined), [isWanted]);
  const { answer } = usePolled<SearchAnswer>(path);
  return useMemo(() => answer && findingsBy(answer.data), [answer]);
}

function pathNow(): string {
  const since = new Date(Date.now() - DAY_MS).toISOString();
  return `/search${queryOf({ kind: 'finding', since, limit: MAX_RECORDS })}`;
}
