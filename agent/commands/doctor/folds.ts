import { stripVTControlCharacters } from 'node:util';

import { printable } from '../../console/terminal/printable.ts';
import { wrap } from '../../console/terminal/width.ts';
import type { Place } from '../../deploy/places.ts';
import { placeKey } from '../../deploy/places.ts';
import { placesText } from '../../deploy/plan-text.ts';
import type { LeftOut } from '../../discover/account-regions.ts';
import type { CheckRow, Subject } from './rows.ts';

export interface FoldView {
  readonly width: number;
  /** Then its id goes without saying. */
  readonly isOneCustomer: boolean;
}

/** The texts stand under each other, beside their code. */
export const INDENT = ' '.repeat(12);
/** What is wrong in more places than these lines hold is not found by reading their names. */
const MOST_PLACE_LINES = 4;

/** Each reason to skip once, with the checks that it concerns. */
export function skipLines(rows: readonly CheckRow[], glyph: string, view: FoldView): readonly string[] {
  const skips = rows.flatMap(({ result, ...row }) =>
    result.kind === 'skipped' ? [{ ...row, ...result }] : [],
  );
  const causes = Map.groupBy(skips, (skip) => alike(skip.why, skip));
  const failing = new Set(rows.flatMap(({ result }) => (result.kind === 'failed' ? [result.code] : [])));
  const lines = [...causes].flatMap(([why, same]) => {
    const codes = [...new Set(same.map(({ check }) => check))].sort();
    const text = printable(`${codes.join(', ')}: ${why}`);
    const [, cause = ''] = /\(([A-Z]+-\d{3})[^)]*\)$/.exec(why) ?? [];
    // The places of the cause stand above.
    const where = [...failing].some((code) => code === cause) ? [] : whereLines(same, view);
    return [...titled(` ${glyph} skipped`, text, view), ...where];
  });
  const isDenied = skips.some(({ right }) => right !== undefined);
  const advice = isDenied ? ['', ...wrap(RIGHTS_ADVICE, view.width)] : [];
  return lines.length > 0 ? [...lines, ...advice, ''] : [];
}

const RIGHTS_ADVICE =
  'Missing rights: the template of the reader role gives them all with AllowDoctor (guardrelay template print --for reader-role).';

/** What discovery left out, each reason once. */
export function leftOutLines(leftOut: readonly LeftOut[], glyph: string, view: FoldView): readonly string[] {
  const causes = Map.groupBy(leftOut, (each) => `${each.code}: ${leftOutReason(each)}`);
  return [...causes].flatMap(([text, same]) => [
    ...titled(` ${glyph} left out`, printable(text), view),
    ...whereLines(same, view),
    '',
  ]);
}

function leftOutReason(each: LeftOut): string {
  const isOff = each.code === 'REG-001' && !each.isGuess;
  return isOff ? 'the region is not enabled in the account' : alike(each.reason, each);
}

export const SUBJECT_KEYS = ['region', 'account', 'customer'] as const;
type SubjectKey = (typeof SUBJECT_KEYS)[number];

/** Words of AWS differ by place and by the number of the request. */
export function alike(text: string, subject: Subject, keys: readonly SubjectKey[] = SUBJECT_KEYS): string {
  const { region, account, customer } = subject;
  let told = text.replace(/, request [\w-]+/g, '');
  if (keys.includes('region') && region !== undefined) told = told.replaceAll(region, '$REGION');
  if (keys.includes('account') && account !== undefined) told = told.replaceAll(account, '$ACCOUNT');
  if (keys.includes('customer') && customer !== undefined) {
    told = told.replaceAll(`customer ${customer}`, 'customer $CUSTOMER');
  }
  return told;
}

export function titled(title: string, text: string, { width }: FoldView): readonly string[] {
  const [first = '', ...rest] = wrap(text, width - INDENT.length);
  // Colours take no room.
  const room = INDENT.length - stripVTControlCharacters(title).length;
  return [title + ' '.repeat(Math.max(1, room)) + first, ...rest.map((line) => INDENT + line)];
}

export function whereLines(subjects: readonly Subject[], view: FoldView): readonly string[] {
  const text = whereText(subjects, view);
  const lines = text === '' ? [] : hanging('in', text, view);
  const isCut = lines.length > MOST_PLACE_LINES;
  const more = `${' '.repeat(INDENT.length + LABEL.length)}… and more: --output plain names them all`;
  return isCut ? [...lines.slice(0, MOST_PLACE_LINES), more] : lines;
}

const LABEL = '      ';

/** A text behind its label. */
export function hanging(label: string, text: string, { width }: Pick<FoldView, 'width'>): readonly string[] {
  const lines = wrap(text, width - INDENT.length - LABEL.length);
  return lines.map((line, at) => INDENT + (at === 0 ? label : '').padEnd(LABEL.length) + line);
}

/** Accounts and regions; with many customers these instead of their accounts. */
function whereText(subjects: readonly Subject[], { isOneCustomer }: FoldView): string {
  const destinations = unique(subjects.flatMap(({ destination }) => destination ?? []));
  if (destinations.length > 0) return `destination ${destinations.join(', ')}`;
  const owned = subjects.flatMap(({ customer, account, region }) => {
    const owner = isOneCustomer ? account : customer;
    return owner === undefined ? [] : [{ owner, region }];
  });
  const wholly = unique(owned.flatMap(({ owner, region }) => (region === undefined ? [owner] : [])));
  const places = owned.flatMap(({ owner, region }): Place[] =>
    region === undefined ? [] : [{ account: owner, region }],
  );
  const distinct = [...new Map(places.map((place) => [placeKey(place), place])).values()];
  return [wholly.join(' '), placesText(distinct)].filter((text) => text !== '').join('; ');
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
