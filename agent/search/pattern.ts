import { EXIT, GuardrelayError } from '../model/error.ts';

/** What a person searches for; texts are in lower case. */
export type Pattern =
  | { readonly kind: 'account'; readonly account: string }
  /** The pieces follow each other in the text, anything between them. */
  | { readonly kind: 'text'; readonly pieces: readonly Piece[] };

/** A run of the pattern without `*`. */
export interface Piece {
  readonly text: string;
  /** Its longest run without `?`, which is looked for first. */
  readonly anchor: string;
  readonly anchorAt: number;
}

/** Bounds the work per record: it grows with text × pattern at the worst. */
const MAX_CHARS = 512;

/** Reads a search pattern (see `RecordQuery`). */
export function parsePattern(pattern: string): Pattern {
  if (pattern.length > MAX_CHARS) throw tooLong(pattern.length);
  const account = pattern.replaceAll('-', '');
  if (/^\d{12}$/.test(account)) return { kind: 'account', account };
  const texts = pattern.toLowerCase().split('*');
  return { kind: 'text', pieces: texts.filter((text) => text !== '').map(pieceOf) };
}

function tooLong(chars: number): GuardrelayError {
  return new GuardrelayError('CLI-001', `the search pattern has ${chars} characters`, {
    exitCode: EXIT.usage,
    fix: `Search for at most ${MAX_CHARS} characters.`,
  });
}

function pieceOf(text: string): Piece {
  const runs = text.split('?');
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '');
  return { text, anchor: longest, anchorAt: text.indexOf(longest) };
}

/** Whether the pieces stand in `text` (in lower case), in their order: the leftmost place of each is enough. */
export function containsPieces(text: string, pieces: readonly Piece[]): boolean {
  let from = 0;
  for (const piece of pieces) {
    const at = find(text, piece, from);
    if (at === -1) return false;
    from = at + piece.text.length;
  }
  return true;
}

function find(text: string, piece: Piece, from: number): number {
  const { anchor, anchorAt } = piece;
  let at = text.indexOf(anchor, from + anchorAt);
  while (at !== -1 && !fits(text, piece.text, at - anchorAt)) {
    // An empty anchor (nothing but `?`) is found everywhere, also behind the last character.
    at = at >= text.length ? -1 : text.indexOf(anchor, at + 1);
  }
  return at === -1 ? -1 : at - anchorAt;
}

function fits(text: string, piece: string, at: number): boolean {
  if (at + piece.length > text.length) return false;
  for (let index = 0; index < piece.length; index += 1) {
    if (piece[index] !== '?' && piece[index] !== text[at + index]) return false;
  }
  return true;
}
