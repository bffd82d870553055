import type { Pattern } from './pattern.ts';

// Each block of records lists the runs of 12 digits in it, longer ones as every window of 12, as numbers. A
// pattern with 12 digits in a row can match only in blocks that list them.

const RUN = 12;
/** A block with more (a record full of digits) lists none, and is looked into by every search. */
const MAX_WINDOWS = 4_096;

/** The windows of 12 digits in a UTF-8 text, to be stored; undefined: too many. */
export function listWindows(text: Uint8Array): Uint8Array | undefined {
  const windows = new Set<number>();
  // A run of 12 covers one of every 12 places, so the others need no look.
  for (let at = RUN - 1; at < text.length; at += RUN) {
    if (!isDigit(text[at])) continue;
    const end = addRun(windows, text, at);
    if (windows.size > MAX_WINDOWS) return undefined;
    at = end;
  }
  return new Uint8Array(Float64Array.from(windows).buffer);
}

/** Adds the windows of the run of digits around a place; answers where it ends. */
function addRun(windows: Set<number>, text: Uint8Array, around: number): number {
  let start = around;
  while (isDigit(text[start - 1])) start -= 1;
  let value = 0;
  let at = start;
  for (; isDigit(text[at]); at += 1) {
    const leaving = at - start < RUN ? 0 : digit(text[at - RUN]);
    value = (value - leaving * 10 ** (RUN - 1)) * 10 + digit(text[at]);
    if (at - start >= RUN - 1 && windows.size <= MAX_WINDOWS) windows.add(value);
  }
  return at;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function digit(byte = 0x30): number {
  return byte - 0x30;
}

/** 12 digits that every match contains; undefined where the pattern has no such run. */
export function requiredWindow(pattern: Pattern): number | undefined {
  if (pattern.kind === 'account') return Number(pattern.account);
  for (const { text } of pattern.pieces) {
    const run = /\d{12}/.exec(text);
    if (run) return Number(run[0]);
  }
  return undefined;
}

/** Whether stored windows (null: too many to list) may contain a required one (undefined: none). */
export function mayContain(windows: Uint8Array | null, required: number | undefined): boolean {
  if (windows === null || required === undefined) return true;
  const listed = new Float64Array(windows.buffer, windows.byteOffset, windows.byteLength / 8);
  return listed.includes(required);
}
