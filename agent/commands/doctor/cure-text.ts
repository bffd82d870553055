import { printable } from '../../console/terminal/printable.ts';
import { wrap } from '../../console/terminal/width.ts';
import { placesText } from '../../deploy/plan-text.ts';
import type { Proposal } from './cure.ts';
import type { FinishedCure } from './fix.ts';
import { alike, hanging, INDENT } from './folds.ts';

/** What a person agrees to. */
export function proposalText(
  { description, caution, steps }: Proposal,
  count: string,
  width: number,
): string {
  const codes = [...new Set(steps.map(({ row }) => row.check))].join(', ');
  const actions = [...new Set(steps.map(({ remedy }) => remedy.action))].join(', ');
  const lines = [
    ...wrap(printable(`fix ${count} ${codes}: ${description}`), width),
    ...hanging('in', placesText(steps.map(({ remedy }) => remedy.place)), { width }),
    ...hanging('needs', actions, { width }),
    ...(caution === undefined ? [] : hanging('note', caution, { width })),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** What became of each repair, the same for many places once. */
export function curesText(cures: readonly FinishedCure[], width: number): string {
  if (cures.length === 0) return 'Nothing here that doctor can repair by itself.\n';
  const groups = Map.groupBy(cures, (each) => {
    const { glyph, said } = toldOf(each);
    return JSON.stringify([each.row.check, each.remedy.description, glyph, alike(said, each.row)]);
  });
  const lines = [...groups.values()].flatMap((same) => cureLines(same, width));
  return lines.map((line) => `${line}\n`).join('');
}

function cureLines(same: readonly FinishedCure[], width: number): readonly string[] {
  const [first] = same;
  if (!first) return [];
  const { row, remedy, outcome } = first;
  const { glyph, said } = toldOf(first);
  const told = same.length > 1 ? alike(said, row) : said;
  const head = ` ${glyph} ${row.check}`.padEnd(INDENT.length);
  const [title = '', ...rest] = wrap(printable(`${remedy.description}: ${told}`), width - INDENT.length);
  const isRefused = outcome.kind === 'refused';
  const isForOthers = isRefused || outcome.kind === 'elsewhere';
  const where = placesText(same.map((each) => each.remedy.place));
  return [
    head + title,
    ...rest.map((line) => INDENT + line),
    ...hanging('in', where, { width }),
    ...(isRefused ? [`${INDENT}needs ${remedy.action} on ${remedy.resource}`] : []),
    ...(isForOthers ? same.map((each) => `${INDENT}run   ${printable(each.remedy.command)}`) : []),
  ];
}

function toldOf({ outcome, isOk }: FinishedCure): { readonly glyph: string; readonly said: string } {
  switch (outcome.kind) {
    case 'applied':
      return isOk
        ? { glyph: '✔', said: 'done, the check passes' }
        : { glyph: '✖', said: 'done, but the check does not pass yet' };
    case 'refused':
      return { glyph: '✖', said: outcome.text };
    case 'declined':
      return { glyph: '·', said: 'not done' };
    case 'untouched':
      return { glyph: '·', said: 'not done, because the step before it was not' };
    case 'elsewhere':
      return { glyph: '·', said: `not done: these credentials are of account ${outcome.caller}` };
  }
}
