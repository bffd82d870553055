import { secretReference } from '../model/secret.ts';

const CUT = '***';
/** Shorter parts of a path are words; longer ones may be a key of their own. */
const LONGEST_WORD = 15;

type ShowReference = (reference: string) => string;

/**
 * A configuration for other eyes. Secrets stand as references in it, which `showReference` may change or hide; what
 * may be a secret in plain text is cut.
 */
export function shownConfig(
  value: unknown,
  showReference: ShowReference = (reference) => reference,
): unknown {
  if (typeof value === 'string') return isReference(value) ? showReference(value) : shownText(value);
  if (Array.isArray(value)) return value.map((each: unknown) => shownConfig(each, showReference));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      shownConfig(name === 'headers' ? shownHeaders(inner) : inner, showReference),
    ]),
  );
}

function isReference(text: string): boolean {
  return secretReference.safeParse(text).success;
}

function shownHeaders(headers: unknown): unknown {
  if (typeof headers !== 'object' || headers === null) return headers;
  const shown = (value: unknown): unknown => (isReference(String(value)) ? value : CUT);
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, shown(value)]));
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
