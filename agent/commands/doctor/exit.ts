import { type ErrorCode, EXIT, type ExitCode } from '../../model/error.ts';
import { type CheckRow, type Examination, isOk, isPending } from './rows.ts';

/** AWS or the SIEM does not accept who we are: what else may be wrong cannot be known. */
const REFUSALS: readonly ErrorCode[] = ['AUTH-001', 'AUTH-002', 'AUTH-007', 'DST-004'];

/** A place that could not be asked about may hide anything: for --strict that is a warning. */
export function exitCodeOf({ rows, leftOut }: Examination, strict: boolean): ExitCode {
  const failed = rows.filter(({ result }) => result.kind === 'failed');
  if (failed.length > 0) return failed.every(isRefusal) ? EXIT.refused : EXIT.unhealthy;
  const isUnclear = !rows.every(isOk) || leftOut.some(({ isGuess }) => isGuess);
  return strict && isUnclear ? EXIT.attention : EXIT.done;
}

/** Whether waiting would change nothing. */
export function isSettled(examination: Examination, strict: boolean): boolean {
  return exitCodeOf(examination, strict) === EXIT.done && !examination.rows.some(isPending);
}

function isRefusal({ result }: CheckRow): boolean {
  return result.kind === 'failed' && REFUSALS.includes(result.code);
}
