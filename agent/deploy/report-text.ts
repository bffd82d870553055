import { ADOPTED } from './adoption.ts';
import type { DeployReport } from './deploy.ts';
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

export function problemText(customer: string, rows: readonly DeployRow[], done: string): string {
  const problems = rows.filter(isProblem);
  const untouched = count(rows, 'untouched');
  const causes = [...Map.groupBy(problems, ({ code, reason }) => JSON.stringify([code, reason])).values()];
  const fine = count(rows, 'succeeded') + count(rows, 'unchanged');
  const wanted = fine + problems.length + untouched;
  return [
    `✖ ${customer}: ${fine} of ${stacks(wanted)} ${done}, ${problems.length} failed.`,
    ...causes.map(causeText),
    ...(untouched > 0 ? [`${stacks(untouched)} left untouched because of that.`] : []),
    // What CFN-002 tells of needs a person's hand first.
    ...(problems.some(({ code }) => code !== 'CFN-002')
      ? ['To try again only what failed, run the same command again.']
      : []),
    '',
  ].join('\n');
}

function causeText(rows: readonly DeployRow[]): string {
  const [{ code = 'CFN-003', reason = 'AWS gave no reason' } = {}] = rows;
  const fixes = [...new Set(rows.map(({ fix = '' }) => fix))].join('\n          ');
  return `  ${code}  ${placesText(rows)}\n    AWS   ${reason}\n    fix   ${fixes}\n    docs  docs/errors/${code}.md`;
}

function count(rows: readonly DeployRow[], status: DeployRow['status']): number {
  return rows.filter((row) => row.status === status).length;
}

function stacks(number: number): string {
  return number === 1 ? '1 stack' : `${number} stacks`;
}
