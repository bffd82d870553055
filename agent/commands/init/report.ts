import type { StarterDestination } from '../../config/starter/destination-url.ts';
import { printableJson } from '../../console/terminal/printable.ts';
import { type ScreenWishes, screenFor } from '../../console/terminal/screen.ts';
import { systemClock } from '../../model/clock.ts';

/** What `init` has written. */
export interface InitReport {
  readonly file: string;
  readonly isNew: boolean;
  /** Absent: the customer stands in `file`. */
  readonly customerFile?: string;
  readonly customer: string;
  readonly account: string;
  readonly destination: string;
  readonly destinationIsNew: boolean;
  /** Absent: it was named by its id. */
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

function written(report: InitReport): string {
  const { file, isNew, customerFile, customer, externalIdFile, externalIdIsNew } = report;
  const verb = isNew || customerFile !== undefined ? 'wrote' : 'added to';
  const externalId = externalIdIsNew ? 'wrote' : 'kept';
  return [
    `✔ ${verb} ${customerFile ?? file}: customer ${customer}, ${destinationText(report)}`,
    ...(customerFile !== undefined && report.destinationIsNew
      ? [`✔ added to ${file}: destination ${report.destination}`]
      : []),
    `✔ ${externalId} ${externalIdFile} (mode 600): the ExternalId of the reader role`,
    ...(customerFile === undefined ? [] : [takenText(report)]),
    '',
  ].join('\n');
}

function destinationText({ destination, recognized }: InitReport): string {
  return `destination ${destination}${recognized ? ` (${recognized.product})` : ''}`;
}

function takenText({ destinationIsNew, recognized }: InitReport): string {
  const variable = destinationIsNew ? recognized?.secret?.variable : undefined;
  const need = variable === undefined ? '' : `\n  It sees ${variable} only once it is started again.`;
  return `  An agent that is running takes this within ten seconds.${need}`;
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
