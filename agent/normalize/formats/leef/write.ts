import { firstCharacters, type Pair, type PairsStyle } from '../pairs.ts';

// LEEF has no escapes: what separates keys or messages becomes a blank, and so does every other control.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not pass
const CONTROLS = /[\0-\x1f\x7f-\x9f]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not pass
const HEADER_SEPARATORS = /[\0-\x1f\x7f-\x9f|]/g;

/** What one record says: the fixed name of the event, then keys in the order in which they are written. */
export interface LeefEvent {
  readonly header: {
    readonly vendor: string;
    readonly product: string;
    readonly version: string;
    readonly eventId: string;
  };
  readonly pairs: readonly Pair[];
}

/** LEEF 2.0 names its separator; `x09` is a tab. */
export const LEEF_STYLE: PairsStyle = {
  write: ({ header, pairs }) =>
    `LEEF:2.0|${header.map(headerText).join('|')}|x09|${pairs.map(pairText).join('\t')}`,
  marked: (pairs, bytes) => [...pairs, { key: 'truncated', value: `true of ${bytes} bytes`, isKept: true }],
};

/** QRadar takes no longer event id. */
const EVENT_ID_CHARACTERS = 255;

export function headerOf({ vendor, product, version, eventId }: LeefEvent['header']): readonly string[] {
  return [vendor, product, version, firstCharacters(eventId, EVENT_ID_CHARACTERS)];
}

/** A key that stays when a record must shrink; none without a value. */
export function kept(key: string, value: string | number | undefined): readonly Pair[] {
  return pairOf(key, value, true);
}

/** A key that may go. */
export function optional(key: string, value: string | number | undefined): readonly Pair[] {
  return pairOf(key, value, false);
}

function pairOf(key: string, value: string | number | undefined, isKept: boolean): readonly Pair[] {
  const trimmed = typeof value === 'string' ? value.toWellFormed().trim() : value;
  return trimmed === undefined || trimmed === '' ? [] : [{ key, value: trimmed, isKept }];
}

function headerText(value: string | number): string {
  return String(value).toWellFormed().replace(HEADER_SEPARATORS, ' ').trim() || '-';
}

function pairText({ key, value }: Pair): string {
  return `${key}=${typeof value === 'number' ? value : value.replace(CONTROLS, ' ')}`;
}
