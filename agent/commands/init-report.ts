import type { StarterDestination } from '../config/starter/destination-url.ts';
import { printableJson } from '../console/terminal/printable.ts';
import { type ScreenWishes, screenFor } from '../console/terminal/screen.ts';
import { systemClock } from '../model/clock.ts';

/** What `init` has written. */
export interface InitReport {
  readonly file: string;
  readonly isNew: boolean;
  readonly customer: string;
  readonly account: string;
  readonly destination: string;
  /** Absent: the destination was there already. */
  readonly recognized?: StarterDestination;
  readonly externalIdFile: string;
  readonly externalIdIsNew: boolean;
}

const SEARCHED_FILE = 'guardrelay.yaml';

export function reportInit(report: InitReport, wishes: ScreenWishes): void {
  const { output } = screenFor(wishes, process.env, process.stdout);
  const isJson = output === 'json' || output === 'ndjson';
  process.stdout.write(isJson ? jsonOf(report) : `${written(report)}${nextSteps(report)}`);
}

function jsonOf({ recognized, ...report }: InitReport): string {
  const secret = recognized?.secret?.variable;
  const summary = { ...report, ...(secret !== undefined && { missingVariable: secret }) };
  const generatedAt = new Date(systemClock.now()).toISOString();
  return `${printableJson({ schema: 'guardrelay.init/v1', generatedAt, summary, data: [] }, 2)}\n`;
}

function written({ file, isNew, customer, destination, recognized, ...secret }: InitReport): string {
  const product = recognized ? ` (${recognized.product})` : '';
  const verb = isNew ? 'wrote' : 'added to';
  const externalId = secret.externalIdIsNew ? 'wrote' : 'kept';
  return [
    `✔ ${verb} ${file}: customer ${customer}, destination ${destination}${product}`,
    `✔ ${externalId} ${secret.externalIdFile} (mode 600): the ExternalId of the reader role`,
    '',
  ].join('\n');
}

function nextSteps({ file, customer, destination, recognized }: InitReport): string {
  const config = file === SEARCHED_FILE ? '' : ` -c ${file}`;
  const command = (verb: string, rest = ''): string =>
    `guardrelay ${verb}${config} --customer ${customer}${rest}`;
  const secret = recognized?.secret;
  const steps: readonly (readonly [string, string])[] = [
    ...(secret ? [[`export ${secret.variable}=…`, secret.what] as const] : []),
    [
      `guardrelay destinations test ${destination}${config}`,
      'each step of the way to the SIEM, and one record',
    ],
    [command('plan'), 'what would be made in which region, and what it costs'],
    [command('deploy', ' --reader-role ARN'), 'makes it; ARN: the role or user that will run the agent'],
    [command('doctor'), 'looks at everything in every region, with the fix of what is wrong'],
    [`guardrelay run${config}`, 'the agent; then: guardrelay status'],
    [
      command('template link', ' --for reader-role …'),
      "instead of deploy, for the customer's own hands: docs/onboarding.md",
    ],
  ];
  return `Next:\n${steps.map(([line, why]) => `  ${line}\n      ${why}\n`).join('')}`;
}
