// Reads and cuts JSON as text. To parse and print again would change it: 1.63E9 becomes 1630000000, large
// integers lose digits, repeated keys vanish. All functions expect text that JSON.parse has accepted.

/** A member of an object or list, by its place in the text. */
export interface JsonMember {
  /** Its key, or its index. */
  readonly name: string;
  /** Where it begins: at its key, or in a list at its value. */
  readonly from: number;
  /** Its value: from `start` to before `end`. */
  readonly start: number;
  readonly end: number;
}

const BLANKS = ' \t\r\n';
const CLOSING = ']}';
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Of both kinds of brackets: `[` and `]` differ from `{` and `}` in this bit only. */
const BRACE_BIT = 0x20;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/** Whether an odd number of backslashes stands before `at`. */
function isEscaped(text: string, at: number): boolean {
  let start = at;
  while (text.charCodeAt(start - 1) === BACKSLASH) start -= 1;
  return (at - start) % 2 === 1;
}

/** Behind the string that begins at `at`. */
function stringEnd(text: string, at: number): number {
  let end = text.indexOf('"', at + 1);
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end + 1;
}

function skipBlanks(text: string, at: number): number {
  let next = at;
  while (next < text.length && BLANKS.includes(text.charAt(next))) next += 1;
  return next;
}

function scalarEnd(text: string, at: number): number {
  let end = at;
  while (end < text.length && !`,${CLOSING}${BLANKS}`.includes(text.charAt(end))) end += 1;
  return end;
}

/** Behind the object or list that begins at `at`; counts brackets, so no depth is too deep. */
function containerEnd(text: string, at: number): number {
  let depth = 0;
  for (let next = at; next < text.length; next += 1) {
    const code = text.charCodeAt(next);
    if (code === QUOTE) next = stringEnd(text, next) - 1;
    else if ((code | BRACE_BIT) === OPENING_BRACE) depth += 1;
    else if ((code | BRACE_BIT) === CLOSING_BRACE) depth -= 1;
    if (depth === 0) return next + 1;
  }
  return text.length;
}

function valueEnd(text: string, at: number): number {
  if (text[at] === '"') return stringEnd(text, at);
  return isContainer(text, at) ? containerEnd(text, at) : scalarEnd(text, at);
}

/** Whether an object or a list begins at `at`. */
export function isContainer(text: string, at: number): boolean {
  return text[at] === '{' || text[at] === '[';
}

function keyOf(key: string): string {
  return key.includes('\\') ? String(JSON.parse(key)) : key.slice(1, -1);
}

/** The direct members of the object or list that begins at `at`. */
export function membersOf(text: string, at: number): readonly JsonMember[] {
  const isObject = text[at] === '{';
  const members: JsonMember[] = [];
  let from = skipBlanks(text, at + 1);
  while (from < text.length && !CLOSING.includes(text.charAt(from))) {
    const keyEnd = isObject ? stringEnd(text, from) : from;
    const name = isObject ? keyOf(text.slice(from, keyEnd)) : String(members.length);
    const start = isObject ? skipBlanks(text, skipBlanks(text, keyEnd) + 1) : from;
    const end = valueEnd(text, start);
    members.push({ name, from, start, end });
    const next = skipBlanks(text, end);
    from = text[next] === ',' ? skipBlanks(text, next + 1) : next;
  }
  return members;
}

/** A member of the object that begins at `at`, or of one inside it; of equal keys the last one counts, as for JSON.parse. */
export function memberAt(text: string, at: number, path: readonly string[]): JsonMember | undefined {
  const [first, ...rest] = path;
  const member = text[at] === '{' ? membersOf(text, at).findLast(({ name }) => name === first) : undefined;
  return member && rest.length > 0 ? memberAt(text, member.start, rest) : member;
}

/** The same JSON without the blanks between its tokens. */
export function compactJson(text: string): string {
  let compact = '';
  let copied = 0;
  let at = 0;
  while (at < text.length) {
    if (text[at] === '"') {
      at = stringEnd(text, at);
    } else if (BLANKS.includes(text.charAt(at))) {
      compact += text.slice(copied, at);
      at = skipBlanks(text, at);
      copied = at;
    } else {
      at += 1;
    }
  }
  return compact + text.slice(copied);
}
