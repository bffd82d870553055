import { ADOPTED } from './adoption.ts';
import type { DeployReport } from './deploy.ts';
import type { DestroyReport, Removal } from './destroy.ts';
import type { Sequel } from './paused-text.ts';
import { detachedText, interruptedText } from './paused-text.ts';
import { placesText } from './plan-text.ts';
import type { DeployRow } from './rows.ts';
import { isProblem } from './rows.ts';

/** How a deployment ended, for people: one line when all is well, each cause once when it is not. */
export function deployText(
  sequel: Sequel,
  { kind }: Pick<DeployReport, 'kind'>,
  rows: readonly DeployRow[],
): string {
  switch (kind) {
    case 'interrupted':
      return interruptedText(sequel);
    case 'detached':
      return detachedText(sequel, rows);
    case 'declined':
      return `${sequel.customer}: nothing was changed.\n`;
    case 'unchanged':
    case 'done':
      return outcomeText(sequel.customer, rows);
  }
}

export function removalText(customer: string, removals: readonly Removal[], logGroup: string): string {
  const lines = removals.map(
    ({ kind, name, places }) =>
      `  - ${kind} ${name}   ${places.length === 0 ? 'empty' : placesText(places)}\n`,
  );
  return `${customer} · to be removed:\n${lines.join('')}  The log groups ${logGroup} stay, with all that is in them.\n`;
}

export function destroyText(customer: string, report: DestroyReport, rows: readonly DeployRow[]): string {
  switch (report.kind) {
    case 'nothing':
      return `${customer}: nothing is deployed.\n`;
    case 'declined':
      return `${customer}: nothing was removed.\n`;
    case 'interrupted':
      return `${customer}: stopped. What had begun in AWS goes on; to do the rest: guardrelay destroy --customer ${customer}\n`;
    case 'done':
      return rows.some(isProblem)
        ? problemText(customer, rows, 'removed')
        : `✔ ${customer}: removed. The log groups were kept, and the next deploy adopts them.\n`;
  }
}

function outcomeText(customer: string, rows: readonly DeployRow[]): string {
  if (rows.some(isProblem)) return problemText(customer, rows, 'up to date');
  const done = count(rows, 'succeeded');
  const same = count(rows, 'unchanged');
  const off = count(rows, 'off');
  const adopted = rows.filter(({ reason }) => reason === ADOPTED).length;
  const skipped = [
    ...Map.groupBy(
      rows.filter(({ status }) => status === 'skipped'),
      ({ reason = 'skipped' }) => reason,
    ),
  ];
  const parts = [
    ...(done + same === 0 ? ['nothing to deploy'] : []),
    ...(done > 0 ? [`${stacks(done)} deployed`] : []),
    ...(adopted > 0 ? [`${adopted === 1 ? '1 kept log group' : `${adopted} kept log groups`} adopted`] : []),
    ...(same > 0 ? [`${stacks(same)} up to date already`] : []),
    ...(off > 0 ? [`${off === 1 ? '1 region is' : `${off} regions are`} off`] : []),
    ...skipped.map(([reason, some]) => `${stacks(some.length)} ${reason}`),
  ];
  return `✔ ${customer}: ${parts.join(', ')}.\n`;
}

function problemText(customer: string, rows: readonly DeployRow[], done: string): string {
  const problems = rows.filter(isProblem);
  const untouched = count(rows, 'untouched');
  const causes = [...Map.groupBy(problems, ({ code, reason }) => JSON.stringify([code, reason])).values()];
  const fine = count(rows, 'succeeded') + count(rows, 'unchanged');
  const wanted = fine + problems.length + untouched;
  return [
    `✖ ${customer}: ${fine} of ${stacks(wanted)} ${done}, ${problems.length} failed.`,
    ...causes.map(causeText),
    ...(untouched > 0 ? [`${stacks(untouched)} left untouched because of that.`] : []),
    'To try again only what failed, run the same command again.',
    '',
  ].join('\n');
}

function causeText(rows: readonly DeployRow[]): string {
  const [{ code = 'CFN-003', reason = 'AWS gave no reason', fix = '' } = {}] = rows;
  return `  ${code}  ${placesText(rows)}\n    AWS   ${reason}\n    fix   ${fix}\n    docs  docs/errors/${code}.md`;
}

function count(rows: readonly DeployRow[], status: DeployRow['status']): number {
  return rows.filter((row) => row.status === status).length;
}

function stacks(number: number): string {
  return number === 1 ? '1 stack' : `${number} stacks`;
}
