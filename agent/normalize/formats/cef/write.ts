import { firstCharacters, type Pair, type PairsLine, type PairsStyle } from '../pairs.ts';
import { CEF_KEYS, type CefEvent, type CefHeader, type CefKey, KEY_ORDER } from './keys.ts';

/** Every control but the line breaks, which have escapes of their own: a receiver may act on any of them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not pass
const CONTROLS = /[\0-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not pass
const CONTROLS_AND_BREAKS = /[\0-\x1f\x7f-\x9f]/g;
const VALUE_ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '=': '\\=',
  '\n': '\\n',
  '\r': '\\r',
};

const MARK = 'cn2' satisfies CefKey;
const KEYS = KEY_ORDER.map(([key]) => key);
const BEHIND_MARK: ReadonlySet<string> = new Set(KEYS.slice(KEYS.indexOf(MARK) + 1));

export const CEF_STYLE: PairsStyle = {
  write: ({ header, pairs }) => `CEF:0|${header.map(headerText).join('|')}|${pairs.map(pairText).join(' ')}`,
  marked(pairs, bytes) {
    // An event of which only a part of its text was ever to be told says so already.
    if (pairs.some(({ key }) => key === MARK)) return pairs;
    const firstBehind = pairs.findIndex(({ key }) => BEHIND_MARK.has(key));
    const place = firstBehind < 0 ? pairs.length : firstBehind;
    return pairs.toSpliced(place, 0, { key: MARK, value: bytes, isKept: true });
  },
};

/** The header and the keys that have a value, each within its limit, in the order of the keys. */
export function lineOf({ header, fields }: CefEvent): PairsLine {
  return {
    header: headerParts(header),
    pairs: KEY_ORDER.flatMap(([key, { characters, isKept = false }]): readonly Pair[] => {
      const value = limited(fields[key], characters);
      return value === undefined ? [] : [{ key, value, isKept }];
    }),
  };
}

function headerParts({ vendor, product, version, classId, name, severity }: CefHeader): PairsLine['header'] {
  return [
    firstCharacters(vendor, 63),
    firstCharacters(product, 63),
    firstCharacters(version, 31),
    firstCharacters(classId, 1023),
    firstCharacters(name, 512),
    severity,
  ];
}

function limited(value: string | number | undefined, characters: number): string | number | undefined {
  if (typeof value !== 'string') return value;
  const text = firstCharacters(value.toWellFormed().trim(), characters).trimEnd();
  return text === '' ? undefined : text;
}

function headerText(value: string | number): string {
  const text = String(value).toWellFormed().replace(CONTROLS_AND_BREAKS, ' ');
  // Some collectors take an empty part for a broken header.
  return text.trim().replace(/[\\|]/g, '\\$&') || '-';
}

function pairText({ key, value }: Pair): string {
  const label = isCefKey(key) && 'label' in CEF_KEYS[key] ? `${key}Label=${CEF_KEYS[key].label} ` : '';
  return `${label}${key}=${typeof value === 'number' ? value : escaped(value)}`;
}

function escaped(value: string): string {
  return value.replace(CONTROLS, ' ').replace(/[\\=\n\r]/g, (one) => VALUE_ESCAPES[one] ?? one);
}

function isCefKey(key: string): key is CefKey {
  return Object.hasOwn(CEF_KEYS, key);
}
