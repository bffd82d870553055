import { printable } from '../../console/terminal/printable.ts';
import type { Remedy } from '../../deploy/checks/remedy.ts';
import type { ErrorCode } from '../../model/error.ts';
import { alike, type FoldView, hanging, INDENT, SUBJECT_KEYS, titled, whereLines } from './folds.ts';
import { type CheckRow, rowKey } from './rows.ts';

/** One thing to repair, in one or many places. */
export interface Problem {
  readonly causes: readonly Cause[];
}

/** The same trouble in one or many places. */
interface Cause {
  readonly code: ErrorCode;
  readonly check: ErrorCode;
  readonly found: string;
  readonly fix: string;
  readonly remedies?: readonly Remedy[];
  readonly places: readonly Trouble[];
}

interface Trouble extends CheckRow {
  readonly code: ErrorCode;
  readonly found: string;
  readonly fix: string;
  readonly remedies?: readonly Remedy[];
}

/** Each problem of this kind once, by its code. What one command repairs in the same places is one problem. */
export function problemsOf(kind: 'failed' | 'warned', rows: readonly CheckRow[]): readonly Problem[] {
  const troubles = rows.flatMap((row) => (row.result.kind === kind ? [{ ...row, ...row.result }] : []));
  const causes = causesOf(troubles.toSorted((one, other) => one.code.localeCompare(other.code)));
  return [...Map.groupBy(causes, repairKey).values()].map((same) => ({ causes: same }));
}

export function problemLines({ causes }: Problem, glyph: string, view: FoldView): readonly string[] {
  const [first, ...others] = causes;
  if (!first) return [];
  return [
    ...titled(` ${glyph} ${first.code}`, printable(first.found), view),
    ...others.flatMap(({ code, found }) => titled(`   ${code}`, printable(found), view)),
    ...whereLines(first.places, view),
    ...fixLines(first, others.length > 0).map((line) => INDENT + line),
    ...hanging('docs', docsText(causes), view),
    '',
  ];
}

function causesOf(troubles: readonly Trouble[]): readonly Cause[] {
  const exactly = Map.groupBy(troubles, exactCause);
  const causes = Map.groupBy(troubles, (trouble) => {
    const exact = exactCause(trouble);
    const { code, found, fix } = trouble;
    return isOfOneRegion(exactly.get(exact) ?? [])
      ? exact
      : JSON.stringify([code, alike(found, trouble), alike(fix, trouble)]);
  });
  return [...causes.values()].flatMap((same) => {
    const [first] = same;
    return first ? [causeOf(first, same)] : [];
  });
}

function exactCause({ code, found, fix }: Trouble): string {
  return JSON.stringify([code, found, fix]);
}

/** The same words in many regions, which name one of them: there the thing is that they speak of. */
function isOfOneRegion(same: readonly Trouble[]): boolean {
  return new Set(same.map(({ region }) => region)).size > 1 && same.some(namesItsRegion);
}

function namesItsRegion(trouble: Trouble): boolean {
  const words = exactCause(trouble);
  return alike(words, trouble, ['region']) !== alike(words, trouble, []);
}

function causeOf(first: Trouble, places: readonly Trouble[]): Cause {
  const { code, check, found, fix, remedies } = first;
  const isOneText = new Set(places.map(exactCause)).size === 1;
  const varying = SUBJECT_KEYS.filter((key) => new Set(places.map((place) => place[key])).size > 1);
  const told = (text: string): string => (isOneText ? text : alike(text, first, varying));
  return { code, check, places, found: told(found), fix: told(fix), ...(remedies ? { remedies } : {}) };
}

/** What follows the command says something about one check only. */
function commandOf(fix: string): string {
  return fix.replace(/ {3}\(.*\)$/, '');
}

function repairKey({ check, code, fix, remedies, places }: Cause): string {
  if (remedies) return JSON.stringify([check, code, fix, places.map(rowKey)]);
  const where = places.map(({ customer, account, region, destination }) => [
    customer,
    account,
    region,
    destination,
  ]);
  return JSON.stringify([commandOf(fix), where.toSorted()]);
}

/** Commands are not folded: they shall survive being copied. */
function fixLines({ check, fix, remedies }: Cause, isShared: boolean): readonly string[] {
  const command = printable(isShared ? commandOf(fix) : fix);
  if (!remedies) return [`fix   ${command}`];
  const caution = remedies.find((remedy) => remedy.caution !== undefined)?.caution;
  return [
    `fix   guardrelay doctor --fix --only ${check}`,
    ...(caution === undefined ? [] : [`      asks first. ${caution}`]),
    `or    ${command}`,
  ];
}

function docsText(causes: readonly Cause[]): string {
  return [...new Set(causes.map(({ code }) => `docs/errors/${code}.md`))].join(' ');
}
