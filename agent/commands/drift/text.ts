import { printable } from '../../console/terminal/printable.ts';
import { cut, widthOf, wrap } from '../../console/terminal/width.ts';
import type { DriftedProperty, DriftedResource } from '../../deploy/drift-check.ts';
import { type DriftRow, isFinding } from '../../deploy/drift-rows.ts';
import { groupPlaces, type Place, placeKey } from '../../deploy/places.ts';
import { placesText } from '../../deploy/plan-text.ts';

/** The texts stand under each other, beside their code. */
const INDENT = ' '.repeat(12);
const LABEL = 'in    ';
/** So many accounts are told with their regions, the others counted. */
const NAMED_GROUPS = 6;
/** So much of what two values share is shown before they differ. */
const SHARED = 24;

/** For people: a customer in numbers, then each cause once, for all stacks that have it. */
export function driftText(customer: string, rows: readonly DriftRow[], width: number): string {
  const problems = rows.filter(isFinding).flatMap(problemsOf);
  const sorted = problems.toSorted((one, other) => one.code.localeCompare(other.code));
  const causes = [...Map.groupBy(sorted, ({ alike }) => alike).values()];
  const lines = [
    ...wrap(printable(summaryText(customer, rows)), width),
    ...causes.flatMap((same) => ['', ...causeLines(same, width)]),
  ];
  return `${lines.join('\n')}\n`;
}

/** What happened to a resource, in one line. */
export function resourceText(resource: DriftedResource): string {
  const differences = resource.properties.map(propertyText).join(', ');
  return differences === '' ? titleOf(resource) : `${titleOf(resource)}: ${differences}`;
}

function summaryText(customer: string, rows: readonly DriftRow[]): string {
  const wanted = stacksIn(rows.filter(({ state }) => state !== 'off'));
  const wrong = stacksIn(rows.filter(isFinding));
  const off = rows.filter(({ state }) => state === 'off').length;
  const offText = off === 0 ? '' : `, ${off === 1 ? '1 region is' : `${off} regions are`} off`;
  const sound = `${wanted - wrong} of ${wanted} stacks are as they should be`;
  return `${wrong === 0 ? '✔' : '✖'} ${customer}: ${sound}${offText}. ${comparedText(rows)}`;
}

function stacksIn(rows: readonly DriftRow[]): number {
  return new Set(rows.map((row) => `${row.stack}/${placeKey(row)}`)).size;
}

function comparedText(rows: readonly DriftRow[]): string {
  const [first] = rows.flatMap(({ checkedAt }) => checkedAt ?? []).toSorted();
  if (first === undefined)
    return 'Release and configuration were compared; --detect looks for other changes.';
  return `CloudFormation compared at ${first.slice(0, 19).replace('T', ' ')} UTC.`;
}

/** One thing that is wrong in one place. */
interface Problem extends Place {
  readonly code: string;
  readonly title: string;
  readonly changes: readonly DriftedProperty[];
  readonly fix: string;
  /** Equal for what has the same cause. */
  readonly alike: string;
}

function problemsOf(row: DriftRow): readonly Problem[] {
  const { account, region, code = '', reason = '', fix = '', resources = [] } = row;
  const problem = (title: string, changes: readonly DriftedProperty[] = []): Problem => {
    const alike = withoutPlace(row)(JSON.stringify([code, fix, title, changes]));
    return { account, region, code, title, changes, fix, alike };
  };
  if (row.state !== 'drifted') return [problem(reason)];
  const changed = resources.map((resource) => problem(titleOf(resource), resource.properties));
  if (reason !== '') return [...changed, problem(`not all of the stack could be compared: ${reason}`)];
  return changed.length > 0
    ? changed
    : [problem('somebody has changed it: CloudFormation does not name what')];
}

/** The same words for many places name other accounts, regions and requests. */
function withoutPlace({ account, region }: Place): (text: string) => string {
  return (text) =>
    text
      .replaceAll(account, '$ACCOUNT')
      .replaceAll(region, '$REGION')
      .replace(/, request [\w-]+/g, '');
}

function titleOf({ logicalId, name, change }: DriftedResource): string {
  const what = name === logicalId ? name : `${logicalId} ${name}`;
  return `${what} was ${change === 'deleted' ? 'deleted' : 'changed'}`;
}

function propertyText({ path, expected, actual }: DriftedProperty): string {
  return `${path} ${expected} → ${actual}`;
}

function causeLines(same: readonly Problem[], width: number): readonly string[] {
  const [first] = same;
  if (!first) return [];
  const told = same.length === 1 ? (text: string): string => text : withoutPlace(first);
  const left = width - INDENT.length;
  const [title = '', ...more] = folded(printable(told(first.title) + countText(same)), left);
  return [
    ` ✖ ${first.code}`.padEnd(INDENT.length) + title,
    ...more.map((line) => INDENT + line),
    ...first.changes.flatMap((change) => changeLines(change, told, left - 2)),
    ...placeLines(same, left),
    // Not folded: it shall survive being copied.
    `${INDENT}fix   ${printable(first.fix)}`,
    `${INDENT}docs  docs/errors/${first.code}.md`,
  ];
}

/** One line for the accounts with the same regions. */
function placeLines(places: readonly Place[], columns: number): readonly string[] {
  const groups = groupPlaces(places);
  const others = groups.slice(NAMED_GROUPS).flatMap(({ accounts }) => accounts).length;
  const lines = groups
    .slice(0, NAMED_GROUPS)
    .flatMap(({ places: own }) => wrap(placesText(own), columns - LABEL.length));
  const all =
    others === 0 ? lines : [...lines, `and ${others === 1 ? '1 account' : `${others} accounts`} more`];
  return all.map((line, at) => INDENT + (at === 0 ? LABEL : ' '.repeat(LABEL.length)) + line);
}

/** In one line if it fits; else the values under each other, from where they begin to differ. */
function changeLines(
  change: DriftedProperty,
  told: (text: string) => string,
  columns: number,
): readonly string[] {
  const whole = printable(told(propertyText(change)));
  if (widthOf(whole) <= columns) return [`${INDENT}  ${whole}`];
  const [expected, actual] = [told(change.expected), told(change.actual)];
  const from = Math.max(0, sharedStart(expected, actual) - SHARED);
  const shown = (value: string): string =>
    cut(printable((from > 0 ? '…' : '') + value.slice(from)), columns - 12);
  return [
    `${INDENT}  ${cut(printable(change.path), columns)}`,
    `${INDENT}    expected  ${shown(expected)}`,
    `${INDENT}    actual    ${shown(actual)}`,
  ];
}

function sharedStart(one: string, other: string): number {
  const at = [...one].findIndex((character, index) => character !== other[index]);
  return at === -1 ? one.length : at;
}

function countText({ length }: readonly Problem[]): string {
  return length === 1 ? '' : ` (${length} stacks)`;
}

/** Nothing of AWS's words is cut: an ARN may be longer than the line. */
function folded(text: string, columns: number): readonly string[] {
  const breakable = text.replace(/\S+/g, (word) => wordParts(word, columns).join(' '));
  return wrap(breakable, columns);
}

function wordParts(word: string, columns: number): readonly string[] {
  if (widthOf(word) <= columns) return [word];
  return [word.slice(0, columns), ...wordParts(word.slice(columns), columns)];
}
