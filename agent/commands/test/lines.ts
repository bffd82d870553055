import { printable } from '../../console/terminal/printable.ts';
import { widthOf } from '../../console/terminal/width.ts';
import type { Leg, Passage, TestStep, TimedStep } from './steps.ts';

/** Where seconds stand, so that they can be compared. */
const SECONDS_COLUMN = { alone: 46, among: 66 } as const;

const GLYPHS: Readonly<Record<TestStep['kind'], string>> = {
  sent: '✔',
  stored: '✔',
  acknowledged: '✔',
  found: '✔',
  unverified: '?',
  unwanted: '·',
  failed: '✖',
  late: '✖',
};

/** What a passage goes through. */
export function subjectOf({ place }: Passage): string {
  return 'destination' in place ? place.destination : `${place.customer} ${place.account} ${place.region}`;
}

/** One step for people; `subject`: where there are several. */
export function stepLines({ step, afterMs }: TimedStep, subject?: string): readonly string[] {
  const head = ` ${GLYPHS[step.kind]} ${subject === undefined ? '' : `${subject}  `}`;
  const seconds = secondsText(afterMs);
  const line = printable(head + stepText(step, seconds));
  switch (step.kind) {
    case 'sent':
    case 'stored':
    case 'acknowledged':
    case 'found':
      return [`${line}${' '.repeat(gapAfter(line, subject !== undefined))}${seconds.padStart(6)}`];
    case 'unverified':
    case 'unwanted':
      return [line];
    case 'failed':
      return [line, `   fix   ${step.fix}`, `   docs  docs/errors/${step.code}.md`];
    case 'late':
      return [line, `   next  ${step.fix}`];
  }
}

function gapAfter(line: string, isAmong: boolean): number {
  return Math.max(1, SECONDS_COLUMN[isAmong ? 'among' : 'alone'] - widthOf(line));
}

export function secondsText(ms: number): string {
  return `${Math.round(ms / 1_000)} s`;
}

/** One step in words. */
export function stepText(step: TestStep, seconds: string): string {
  switch (step.kind) {
    case 'sent':
      return SENT[step.by];
    case 'stored':
      return 'in log group';
    case 'acknowledged':
      return `acknowledged by ${step.destination}`;
    case 'found':
      return `found in ${step.destination} (${step.where})`;
    case 'unverified':
      return `not verified in the SIEM: ${step.why}. Look for: ${step.lookFor}`;
    case 'unwanted':
      return `the filter of ${step.destination} leaves it out`;
    case 'failed':
      return `${step.code}  ${step.why}`;
    case 'late': {
      const said = step.why === undefined ? '' : ` (${step.why})`;
      return `${missingText(step.leg, step.destination)} within ${seconds}${said}${REACHED[step.leg]}`;
    }
  }
}

const SENT = { events: 'put on the event bus', guardduty: 'created in GuardDuty' } as const;

const REACHED: Readonly<Record<Leg, string>> = {
  sent: '',
  stored: '; last reached: it was sent',
  acknowledged: '; last reached: it stands in the log group',
  found: '; last reached: it was acknowledged',
};

function missingText(leg: Leg, destination = ''): string {
  switch (leg) {
    case 'sent':
      return 'not sent';
    case 'stored':
      return 'not in the log group';
    case 'acknowledged':
      return `not acknowledged by ${destination}`;
    case 'found':
      return `not found in ${destination}`;
  }
}
