import { EXIT, type ExitCode } from '../../model/error.ts';
import { secondsText } from './lines.ts';
import type { Passage, TimedStep } from './steps.ts';

interface Ended {
  readonly steps: readonly TimedStep[];
  readonly code: ExitCode;
}

/** What the whole test has shown. It speaks of the SIEM only where every record was found in one. */
export function testSentence(via: string, passages: readonly Passage[], { steps, code }: Ended): string {
  if (code === EXIT.interrupted) return stoppedText(passages);
  if (passages.length === 0) return 'Nothing was sent: the time was over before.';
  const through = passages.filter((passage) => hasCome(stepsOf(passage, steps)));
  if (through.length < passages.length) {
    return `${countText(passages.length - through.length)} of ${passages.length} did not come through.`;
  }
  const found = steps.filter(({ step }) => step.kind === 'found');
  const isSeen = steps.every(({ step }) => step.kind !== 'unverified') && found.length > 0;
  const last = steps.filter(({ step }) => step.kind === (isSeen ? 'found' : 'acknowledged')).at(-1);
  if (!last) return 'No destination wants it, so nothing is proved beyond the log group.';
  const what = via === 'guardduty' ? 'Finding' : 'Test record';
  return `${what} ${isSeen ? 'seen in SIEM' : 'acknowledged'} in ${secondsText(last.afterMs)}.`;
}

function stepsOf(passage: Passage, steps: readonly TimedStep[]): readonly TimedStep[] {
  return steps.filter((step) => step.passage === passage);
}

function hasCome(steps: readonly TimedStep[]): boolean {
  return steps.length > 0 && steps.every(({ step }) => step.kind !== 'failed' && step.kind !== 'late');
}

function countText(count: number): string {
  return count === 1 ? '1 test record' : `${count} test records`;
}

function stoppedText(passages: readonly Passage[]): string {
  const ids = passages.flatMap(({ id }) => id ?? []);
  if (ids.length === 0) return 'Stopped.';
  return `Stopped. What was sent may come through all the same: guardrelay search ${ids[0]}`;
}
