import type { CheckResult } from '../../deploy/checks/check.ts';
import type { LeftOut } from '../../discover/account-regions.ts';
import type { ErrorCode } from '../../model/error.ts';

/** What was looked at: an account, a log group of it, a destination, or, with nothing said, the agent itself. */
export interface Subject {
  readonly customer?: string;
  readonly account?: string;
  readonly region?: string;
  readonly logGroup?: string;
  readonly destination?: string;
}

/** One check of one subject. */
export interface CheckRow extends Subject {
  readonly check: ErrorCode;
  readonly result: CheckResult;
}

export interface Examination {
  readonly rows: readonly CheckRow[];
  /** What discovery could not find. */
  readonly leftOut: readonly LeftOut[];
}

export type ResultKind = CheckResult['kind'];

export function countResults(rows: readonly CheckRow[]): Readonly<Record<ResultKind, number>> {
  const count = (kind: ResultKind): number => rows.filter(({ result }) => result.kind === kind).length;
  return {
    passed: count('passed'),
    failed: count('failed'),
    warned: count('warned'),
    skipped: count('skipped'),
  };
}

export function isOk({ result }: CheckRow): boolean {
  return result.kind === 'passed';
}

/** The same check of the same subject, at whatever time. */
export function rowKey({ customer, account, region, logGroup, destination, check }: CheckRow): string {
  return JSON.stringify([customer, account, region, logGroup, destination, check]);
}

/** Time alone will tell. */
export function isPending({ result }: CheckRow): boolean {
  return result.kind === 'skipped' && result.isPending === true;
}

export function foundText(result: CheckResult): string {
  return result.kind === 'skipped' ? result.why : (result.found ?? '');
}
