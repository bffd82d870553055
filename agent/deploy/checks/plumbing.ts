import type { ErrorCode } from '../../model/error.ts';
import type { PlumbingTrouble } from '../../model/source-facts.ts';
import { type Check, runChecks } from './check.ts';
import type { CheckedPlace } from './checked-place.ts';
import { DETECTOR_CHECKS } from './detector.ts';
import { RULE_CHECKS } from './event-rules.ts';
import { LOG_CHECKS } from './log-group.ts';

/** What came of a look at everything between GuardDuty and a log group. */
export interface PlumbingLook {
  readonly troubles: readonly PlumbingTrouble[];
  /** Nothing could be seen: the rights are missing. */
  readonly isBlind: boolean;
}

/** Without these nothing arrives; all else is doctor's. */
const CODES: readonly ErrorCode[] = ['GD-001', 'EB-001', 'EB-002', 'EB-004', 'LOG-003'];
const CHECKS: readonly Check<CheckedPlace>[] = [...DETECTOR_CHECKS, ...RULE_CHECKS, ...LOG_CHECKS].filter(
  ({ code }) => CODES.includes(code),
);

/** Looks at the parts of one region that carry events: detector, rules, targets, and the right to write. */
export async function lookAtPlumbing(place: CheckedPlace): Promise<PlumbingLook> {
  const { region } = place.expected.source;
  const checked = await runChecks(CHECKS, place);
  const troubles = checked.flatMap(({ result }): PlumbingTrouble[] =>
    result.kind === 'failed' ? [{ region, code: result.code, text: result.found }] : [],
  );
  return { troubles, isBlind: checked.every(({ result }) => result.kind === 'skipped') };
}
