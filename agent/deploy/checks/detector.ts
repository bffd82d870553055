import type { ErrorCode } from '../../model/error.ts';
import { type Check, type CheckResult, PASSED, type SkippedCheck, unanswered } from './check.ts';
import type { CheckedPlace } from './checked-place.ts';
import type { Detector } from './detector-calls.ts';
import { createDetector, enableDetector, reportSooner } from './detector-fixes.ts';
import type { Expected } from './expected.ts';
import { curedBy } from './remedy.ts';

type Topology = NonNullable<Expected['findingsOf']>;

const EVERY_TOPOLOGY: readonly Topology[] = ['standalone', 'administrator', 'organization'];

/** GuardDuty itself: what it does not find or report never comes to a rule. */
export const DETECTOR_CHECKS: readonly Check<CheckedPlace>[] = [
  detectorCheck('GD-001', EVERY_TOPOLOGY, checkDetector),
  detectorCheck('GD-002', EVERY_TOPOLOGY, checkFrequency),
];

/** A check of GuardDuty for customers of these topologies. */
export function detectorCheck(
  code: ErrorCode,
  topologies: readonly Topology[],
  run: Check<CheckedPlace>['run'],
): Check<CheckedPlace> {
  const isConcerned = ({ expected: { findingsOf } }: CheckedPlace): boolean =>
    findingsOf !== undefined && topologies.includes(findingsOf);
  return { code, applies: isConcerned, run };
}

async function checkDetector({ expected, calls }: CheckedPlace): Promise<CheckResult> {
  const detector = await calls.detector();
  if (detector.kind === 'failed') return unanswered(detector, detector.right);
  if (detector.kind === 'detector' && detector.isEnabled) return PASSED;
  const isThere = detector.kind === 'detector';
  return {
    kind: 'failed',
    code: 'GD-001',
    found: isThere ? 'the GuardDuty detector is disabled' : 'there is no GuardDuty detector',
    ...curedBy([isThere ? enableDetector(detector, expected) : createDetector(expected)]),
  };
}

const FREQUENCIES: ReadonlyMap<string, string> = new Map([
  ['ONE_HOUR', 'every hour'],
  ['SIX_HOURS', 'every 6 hours'],
]);

async function checkFrequency({ expected, calls }: CheckedPlace): Promise<CheckResult> {
  const detector = await knownDetector(calls);
  if (detector.kind === 'skipped') return detector;
  const { frequency } = detector;
  if (frequency === 'FIFTEEN_MINUTES') return PASSED;
  return {
    kind: 'warned',
    code: 'GD-002',
    found: `GuardDuty reports repetitions of a finding only ${FREQUENCIES.get(frequency) ?? frequency}`,
    ...curedBy([reportSooner(detector, expected)]),
  };
}

/** Without a detector there is nothing more to ask: GD-001 has said so. */
export async function knownDetector(calls: CheckedPlace['calls']): Promise<Detector | SkippedCheck> {
  const detector = await calls.detector();
  if (detector.kind === 'detector') return detector;
  if (detector.kind === 'failed') return unanswered(detector, detector.right);
  return { kind: 'skipped', why: 'there is no GuardDuty detector (GD-001)' };
}
