import { printable } from '../console/terminal/printable.ts';
import { widthOf, wrap } from '../console/terminal/width.ts';
import type { CheckResult } from '../deploy/checks/check.ts';
import { placeKey } from '../deploy/places.ts';
import { placesText } from '../deploy/plan-text.ts';
import type { CheckRow } from './doctor-examine.ts';

type Kind = CheckResult['kind'];

const GLYPHS: Readonly<Record<Kind, string>> = { passed: '✔', failed: '✖', warned: '⚠', skipped: '·' };
const GROUPS: ReadonlyMap<string, string> = new Map([
  ['AUTH', 'Credentials'],
  ['GD', 'GuardDuty'],
  ['CT', 'CloudTrail'],
  ['EB', 'Rules'],
  ['LOG', 'Log groups'],
]);
const WORST_FIRST = ['failed', 'warned', 'skipped', 'passed'] as const satisfies readonly Kind[];
/** The texts stand under each other, beside their code. */
const INDENT = ' '.repeat(12);

/** For people: each customer in numbers, and each problem once, for all places that have it. */
export function doctorText(rows: readonly CheckRow[], width: number): string {
  const customers = [...Map.groupBy(rows, ({ customer }) => customer)];
  return customers.map(([customer, own]) => `${customerLines(customer, own, width).join('\n')}\n`).join('');
}

export function countResults(rows: readonly CheckRow[]): Readonly<Record<Kind, number>> {
  const count = (kind: Kind): number => rows.filter(({ result }) => result.kind === kind).length;
  return {
    passed: count('passed'),
    failed: count('failed'),
    warned: count('warned'),
    skipped: count('skipped'),
  };
}

function customerLines(customer: string, rows: readonly CheckRow[], width: number): readonly string[] {
  const accounts = new Set(rows.map(({ account }) => account)).size;
  const regions = new Set(rows.flatMap(({ region }) => region ?? [])).size;
  const groups = [...Map.groupBy(rows, ({ check }) => check.replace(/-\d+$/, ''))].map(groupText);
  return [
    `${customer} · ${counted(accounts, 'account')} · ${counted(regions, 'region')}`,
    ...inRows(groups, width),
    '',
    ...problemLines('failed', rows, width),
    ...problemLines('warned', rows, width),
    ...skipLines(rows, width),
  ];
}

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function groupText([name, rows]: readonly [string, readonly CheckRow[]]): string {
  const counts = countResults(rows);
  const worst = WORST_FIRST.find((kind) => counts[kind] > 0) ?? 'passed';
  return `${GLYPHS[worst]} ${GROUPS.get(name) ?? name} ${counts.passed}/${rows.length}`;
}

/** As many to a line as there is room for. */
function inRows(texts: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  for (const text of texts) {
    const longer = `${lines.at(-1)}   ${text}`;
    if (lines.length > 0 && widthOf(longer) <= width) lines.splice(-1, 1, longer);
    else lines.push(` ${text}`);
  }
  return lines;
}

function problemLines(
  kind: 'failed' | 'warned',
  rows: readonly CheckRow[],
  width: number,
): readonly string[] {
  const problems = rows.flatMap(({ result, ...row }) =>
    result.kind === kind ? [{ ...row, ...result, alike: alike(row) }] : [],
  );
  const sorted = problems.toSorted((one, other) => one.code.localeCompare(other.code));
  const exactly = Map.groupBy(sorted, exactCause);
  const causes = Map.groupBy(sorted, (problem) => {
    const { code, found, fix, alike } = problem;
    const exact = exactCause(problem);
    const regions = new Set(exactly.get(exact)?.map(({ region }) => region));
    return regions.size > 1 ? exact : JSON.stringify([code, alike(found), alike(fix)]);
  });
  return [...causes.values()].flatMap((same) => {
    const [first] = same;
    if (!first) return [];
    const isOneText = new Set(same.map(exactCause)).size === 1;
    const told = isOneText ? (text: string): string => text : first.alike;
    return [
      ...titled(` ${GLYPHS[kind]} ${first.code}`, told(first.found), width),
      `${INDENT}in    ${where(same)}`,
      // Not folded: it shall survive being copied.
      `${INDENT}fix   ${printable(told(first.fix))}`,
      `${INDENT}docs  docs/errors/${first.code}.md`,
      '',
    ];
  });
}

/** The same words in many regions speak of one thing, which may stand in one of them. */
function exactCause({
  code,
  found,
  fix,
}: {
  readonly code: string;
  readonly found: string;
  readonly fix: string;
}): string {
  return JSON.stringify([code, found, fix]);
}

function skipLines(rows: readonly CheckRow[], width: number): readonly string[] {
  const skips = rows.flatMap(({ result, ...row }) =>
    result.kind === 'skipped' ? [{ ...row, ...result, alike: alike(row) }] : [],
  );
  const causes = Map.groupBy(skips, ({ why, alike }) => alike(why));
  const lines = [...causes].flatMap(([why, same]) => {
    const codes = [...new Set(same.map(({ check }) => check))];
    return [
      ...titled(` ${GLYPHS.skipped} skipped`, `${codes.join(', ')}: ${why}`, width),
      `${INDENT}in    ${where(same)}`,
      '',
    ];
  });
  const isDenied = skips.some(({ right }) => right !== undefined);
  return isDenied ? [...lines, ...wrap(RIGHTS_ADVICE, width), ''] : lines;
}

const RIGHTS_ADVICE =
  'Missing rights: the template of the reader role gives them all with AllowDoctor (guardrelay template print --for reader-role).';

/** Words of AWS differ by the region and the number of the request. */
function alike({ region }: Pick<CheckRow, 'region'>): (text: string) => string {
  return (text) => {
    const anonymous = text.replace(/, request [\w-]+/g, '');
    return region === undefined ? anonymous : anonymous.replaceAll(region, '$REGION');
  };
}

function titled(title: string, text: string, width: number): readonly string[] {
  const [first = '', ...rest] = wrap(printable(text), width - INDENT.length);
  return [title.padEnd(INDENT.length) + first, ...rest.map((line) => INDENT + line)];
}

function where(rows: readonly Pick<CheckRow, 'account' | 'region'>[]): string {
  const places = rows.flatMap(({ account, region }) => (region === undefined ? [] : [{ account, region }]));
  if (places.length === 0) return [...new Set(rows.map(({ account }) => account))].join(' ');
  return placesText([...new Map(places.map((place) => [placeKey(place), place])).values()]);
}
