import { styleText } from 'node:util';

import { widthOf } from '../../console/terminal/width.ts';
import { groupName, groupOf, groupRank } from './catalog.ts';
import { leftOutLines, skipLines } from './folds.ts';
import { problemLines, problemsOf } from './problems.ts';
import { type CheckRow, countResults, type Examination, type ResultKind } from './rows.ts';

export interface DoctorView {
  /** Columns. */
  readonly width: number;
  readonly color: boolean;
  /** Absent: it was not all asked at once. */
  readonly tookMs?: number;
  /** Absent: it is not over yet. */
  readonly exitCode?: number;
}

const GLYPHS: Readonly<Record<ResultKind, string>> = { passed: '✔', failed: '✖', warned: '⚠', skipped: '·' };
const STYLES = { passed: 'green', failed: 'red', warned: 'yellow', skipped: 'gray' } as const;
const WORST_FIRST = ['failed', 'warned', 'skipped', 'passed'] as const satisfies readonly ResultKind[];

/** For people: what was looked at in numbers, then each problem once, for all places that have it. */
export function doctorText(examination: Examination, view: DoctorView): string {
  const { rows, leftOut } = examination;
  const paint = (kind: ResultKind, text: string): string =>
    view.color ? styleText(STYLES[kind], text, { validateStream: false }) : text;
  const failed = problemsOf('failed', rows);
  const warned = problemsOf('warned', rows);
  const isOneCustomer = customersIn(rows).size <= 1;
  const told = { ...view, isOneCustomer };
  const lines = [
    titleOf(rows, view),
    ...cellLines(rows, view.width, paint),
    '',
    ...failed.flatMap((problem) => problemLines(problem, paint('failed', GLYPHS.failed), told)),
    ...warned.flatMap((problem) => problemLines(problem, paint('warned', GLYPHS.warned), told)),
    ...skipLines(rows, paint('skipped', GLYPHS.skipped), told),
    ...leftOutLines(leftOut, paint('skipped', GLYPHS.skipped), told),
    ...affectedLines(rows),
    verdict(examination, view),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function counted(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}

function customersIn(rows: readonly CheckRow[]): ReadonlySet<string> {
  return new Set(rows.flatMap(({ customer }) => customer ?? []));
}

function titleOf(rows: readonly CheckRow[], { tookMs }: DoctorView): string {
  const [only, ...others] = customersIn(rows);
  const name = only === undefined ? 'guardrelay' : only;
  const accounts = new Set(rows.flatMap(({ account }) => account ?? [])).size;
  const regions = new Set(rows.flatMap(({ region }) => region ?? [])).size;
  return [
    others.length > 0 ? counted(others.length + 1, 'customer') : name,
    ...(accounts > 1 ? [counted(accounts, 'account')] : []),
    ...(regions > 0 ? [counted(regions, 'region')] : []),
    counted(rows.length, 'check') + (tookMs === undefined ? '' : ` in ${(tookMs / 1000).toFixed(1)} s`),
  ].join(' · ');
}

/** So many destinations have a cell of their own. */
const NAMED_DESTINATIONS = 3;

interface Cell {
  readonly kind: ResultKind;
  readonly text: string;
}

/** In columns, as many as there is room for. */
function cellLines(
  rows: readonly CheckRow[],
  width: number,
  paint: (kind: ResultKind, text: string) => string,
): readonly string[] {
  const areNamed = new Set(rows.flatMap(({ destination }) => destination ?? [])).size <= NAMED_DESTINATIONS;
  const groups = [...Map.groupBy(rows, (row) => cellKey(row, areNamed)).values()];
  const cells = groups
    .toSorted((one, other) => rankOf(one) - rankOf(other))
    .map((own) => cellOf(own, areNamed));
  const cellWidth = Math.max(0, ...cells.map(({ text }) => widthOf(text))) + 2;
  const perLine = Math.max(1, Math.floor((width - 1) / (cellWidth + 2)));
  return Array.from({ length: Math.ceil(cells.length / perLine) }, (_, line) =>
    cells
      .slice(line * perLine, (line + 1) * perLine)
      .map(({ kind, text }) => ` ${paint(kind, GLYPHS[kind])} ${text.padEnd(cellWidth)}`)
      .join('')
      .trimEnd(),
  );
}

/** The proof that a stranger is refused has its own cell: whoever reads the report looks for it. */
function cellKey({ check, destination }: CheckRow, areNamed: boolean): string {
  if (check === 'AUTH-003') return check;
  return destination !== undefined && areNamed ? `${groupOf(check)} ${destination}` : groupOf(check);
}

function rankOf([first]: readonly CheckRow[]): number {
  if (!first) return 0;
  return groupRank(groupOf(first.check)) + (first.check === 'AUTH-003' ? 0.5 : 0);
}

function cellOf(rows: readonly CheckRow[], areNamed: boolean): Cell {
  const counts = countResults(rows);
  const kind = WORST_FIRST.find((each) => counts[each] > 0) ?? 'passed';
  return { kind, text: `${cellName(rows, areNamed)}  ${counts.passed}/${rows.length}${remarkOf(rows)}` };
}

function cellName([first]: readonly CheckRow[], areNamed: boolean): string {
  if (!first) return '';
  if (first.check === 'AUTH-003') return 'ExternalId required';
  const name = groupName(groupOf(first.check));
  if (first.destination === undefined) return name;
  return areNamed ? `${name} ${first.destination}` : `${name}s`;
}

/** How quick a destination has acknowledged a record. */
function remarkOf(rows: readonly CheckRow[]): string {
  const record = rows.find(({ check, result }) => check === 'DST-005' && result.kind === 'passed');
  const took = record?.result.kind === 'passed' ? / in (\d+ ms)$/.exec(record.result.found ?? '') : null;
  return took ? ` (ack in ${took[1]})` : '';
}

const NAMED_CUSTOMERS = 12;

/** With many customers: whose they are. */
function affectedLines(rows: readonly CheckRow[]): readonly string[] {
  const all = customersIn(rows);
  const failing = [...customersIn(rows.filter(({ result }) => result.kind === 'failed'))];
  if (all.size < 2 || failing.length === 0) return [];
  const named = failing.slice(0, NAMED_CUSTOMERS).join(' ');
  const more = failing.length - NAMED_CUSTOMERS;
  return [
    `${failing.length} of ${all.size} customers have a failure: ${named}${more > 0 ? ` … ${more} more` : ''}`,
  ];
}

/** The last line. */
export function verdict({ rows }: Examination, { exitCode }: Pick<DoctorView, 'exitCode'>): string {
  return judgement(rows) + (exitCode === undefined ? '' : `   exit code ${exitCode}`);
}

function judgement(rows: readonly CheckRow[]): string {
  if (rows.length === 0) return 'No check applies here.';
  const failed = problemsOf('failed', rows).length;
  const warned = problemsOf('warned', rows).length;
  const { skipped } = countResults(rows);
  const unknown = skipped > 0 ? ` ${counted(skipped, 'check')} could not be made.` : '';
  if (failed + warned === 0) return skipped > 0 ? `No problems.${unknown}` : 'All checks passed.';
  const kinds = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(warned > 0 ? [counted(warned, 'warning')] : []),
  ];
  return `${counted(failed + warned, 'problem')}: ${kinds.join(', ')}.${unknown}`;
}
