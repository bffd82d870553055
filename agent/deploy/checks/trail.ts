import { type Check, type CheckResult, PASSED, type SkippedCheck, unanswered } from './check.ts';
import type { CheckedPlace } from './checked-place.ts';
import { startLogging } from './fixes.ts';
import type { Trail } from './trail-calls.ts';
import { recordsChanges } from './trail-selectors.ts';

/** EventBridge hears of calls from CloudTrail, and CloudTrail tells only what a trail records. */
export const TRAIL_CHECKS: readonly Check<CheckedPlace>[] = [
  { code: 'CT-001', applies: ({ expected }) => expected.wantsChanges, run: checkTrails },
];

async function checkTrails({ calls }: CheckedPlace): Promise<CheckResult> {
  const listed = await calls.trails();
  if (listed.kind === 'failed') return unanswered(listed, listed.right);
  const judged = await Promise.all(listed.trails.map((trail) => judge(trail, calls)));
  if (judged.some(({ kind }) => kind === 'passed')) return PASSED;
  const unknown = judged.find((result) => result.kind === 'skipped');
  if (unknown) return unknown;
  const faults = judged.flatMap((result) => (result.kind === 'faulty' ? [result] : []));
  if (faults.length === 0) return warned('no trail of CloudTrail covers this region', NO_COMMAND);
  return warned(faults.map(({ found }) => found).join('; '), faults[0]?.fix ?? NO_COMMAND);
}

const NO_COMMAND = 'Let a trail for all regions record write management events: docs/errors/CT-001.md';

function warned(found: string, fix: string): CheckResult {
  return { kind: 'warned', code: 'CT-001', found: `changes to GuardDuty are not recorded: ${found}`, fix };
}

/** Why a trail does not tell. */
interface FaultyTrail {
  readonly kind: 'faulty';
  readonly found: string;
  readonly fix: string;
}

async function judge(
  trail: Trail,
  calls: CheckedPlace['calls'],
): Promise<FaultyTrail | SkippedCheck | typeof PASSED> {
  const status = await calls.trailStatus(trail);
  if (status.kind === 'failed') return unanswered(status, status.right);
  if (!status.isLogging) {
    return { kind: 'faulty', found: `logging of trail ${trail.name} is off`, fix: startLogging(trail) };
  }
  const selectors = await calls.trailSelectors(trail);
  if (selectors.kind === 'failed') return unanswered(selectors, selectors.right);
  if (recordsChanges(selectors)) return PASSED;
  return { kind: 'faulty', found: `trail ${trail.name} leaves write management events out`, fix: NO_COMMAND };
}
