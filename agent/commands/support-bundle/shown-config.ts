import type { Config } from '../../config/config.ts';
import { secretReference } from '../../model/secret.ts';

const CUT = '***';
/** Shorter parts of a path are words; longer ones may be a key of their own. */
const LONGEST_WORD = 15;

/** The configuration for other eyes: secrets stand as references in it, and what may be one in plain text is cut. */
export function shownConfig(config: Config): unknown {
  return shown(config);
}

function shown(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return shownText(value);
  if (Array.isArray(value)) return value.map((each: unknown) => shown(each));
  if (typeof value !== 'object' || value === null) return value;
  const of = name === 'headers' ? shownHeader : shown;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, of(each, key)]));
}

function shownHeader(value: unknown): unknown {
  return secretReference.safeParse(value).success ? value : CUT;
}

function shownText(text: string): string {
  const url = /^[a-z][a-z+.-]*:\/\//i.test(text) ? URL.parse(text) : null;
  return url ? shownUrl(url) : text;
}

/** Nobody writes credentials into a URL who could help it; some services know no other way. */
function shownUrl({ protocol, host, pathname, search, username, password }: URL): string {
  const user = username + password === '' ? '' : `${CUT}@`;
  const path = pathname.split('/').map((part) => (part.length > LONGEST_WORD ? CUT : part));
  return `${protocol}//${user}${host}${path.join('/')}${search === '' ? '' : `?${CUT}`}`;
}
