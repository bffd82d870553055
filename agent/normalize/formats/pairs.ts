import type { Rendered } from '../../model/format.ts';
import { cutText } from './cut.ts';
import { complete, fits, truncated } from './rendered.ts';

/** One key with its value, as it is before anything is escaped. */
export interface Pair {
  readonly key: string;
  readonly value: string | number;
  /** People search by it: it stays when the rest must go. */
  readonly isKept: boolean;
}

/** A record of a format that writes a header and then keys with values, CEF and LEEF. */
export interface PairsLine {
  readonly header: readonly (string | number)[];
  readonly pairs: readonly Pair[];
}

export interface PairsStyle {
  /** One line, everything escaped. */
  write(line: PairsLine): string;
  /** With one among them that says how many bytes the whole record had. */
  marked(pairs: readonly Pair[], bytes: number): readonly Pair[];
}

const LONG_PAIR_CHARACTERS = 200;
/** Tried in this order. */
const SHORT_CHARACTERS = [200, 50] as const;

/** The line within `maxBytes`: long texts are cut first, then keys go from the end, then every value is cut. */
export function fitPairs(line: PairsLine, maxBytes: number, style: PairsStyle): Rendered {
  const whole = style.write(line);
  if (fits(whole, maxBytes)) return complete(whole);
  const short = { ...line, pairs: style.marked(line.pairs.map(shortened), Buffer.byteLength(whole)) };
  const least = withoutOptional(short, Buffer.byteLength(style.write(short)) - maxBytes, style);
  const kept = new Set(least.pairs.map(({ key }) => key));
  const cut = line.pairs.filter((pair) => !kept.has(pair.key) || shortened(pair) !== pair);
  const dropped = cut.map(({ key }) => key);
  for (const characters of [Number.POSITIVE_INFINITY, ...SHORT_CHARACTERS]) {
    const text = style.write(cutLine(least, characters));
    if (fits(text, maxBytes)) return truncated(text, dropped);
  }
  return truncated(cutText(style.write(cutLine(least, 50)), maxBytes).replace(/\\+$/, ''), dropped);
}

/** The first so many characters, whole ones. */
export function firstCharacters(text: string, characters: number): string {
  return text.length <= characters ? text : text.slice(0, characters).replace(/[\ud800-\udbff]$/, '');
}

function shortened(pair: Pair): Pair {
  if (pair.isKept || typeof pair.value === 'number' || pair.value.length <= LONG_PAIR_CHARACTERS) return pair;
  return { ...pair, value: firstCharacters(pair.value, LONG_PAIR_CHARACTERS) };
}

function withoutOptional(line: PairsLine, excessBytes: number, { write }: PairsStyle): PairsLine {
  const pairs: Pair[] = [];
  let excess = excessBytes;
  for (const pair of line.pairs.toReversed()) {
    if (pair.isKept || excess <= 0) pairs.unshift(pair);
    else
      excess -= Buffer.byteLength(write({ header: [], pairs: [pair] })) - Buffer.byteLength(write(NOTHING));
  }
  return { ...line, pairs };
}

const NOTHING: PairsLine = { header: [], pairs: [] };

function cutLine({ header, pairs }: PairsLine, characters: number): PairsLine {
  return {
    header: header.map((value) => cutValue(value, characters)),
    pairs: pairs.map((pair) => ({ ...pair, value: cutValue(pair.value, characters) })),
  };
}

function cutValue(value: string | number, characters: number): string | number {
  return typeof value === 'string' ? firstCharacters(value, characters) : value;
}
