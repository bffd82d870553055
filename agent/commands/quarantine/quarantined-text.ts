import type { StandingRecord } from '../../ship/quarantine-list.ts';

/** What people know a record by. */
export function whatText({ kind, what = '' }: StandingRecord): string {
  return what === '' ? kind : what;
}

/** What was said when it was refused the last time. */
export function whyText({ destination, why, lastRefusal }: StandingRecord): string {
  if (!lastRefusal) return why;
  const { to, why: again = 'refused' } = lastRefusal;
  return to === destination ? again : `${to}: ${again}`;
}
