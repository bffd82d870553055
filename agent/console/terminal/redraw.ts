import { cut } from './width.ts';

type Stream = Pick<NodeJS.WriteStream, 'write' | 'rows' | 'columns'>;

/** Before its new text: behind it, the last column would be cleared again. */
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';
/** Terminals that know it show all that stands between at once; the others ignore it. */
const FRAME = { begin: '\u001b[?2026h', end: '\u001b[?2026l' } as const;
/** A line that is too long must not be folded: the count of lines would be wrong. */
const FOLDING = { off: '\u001b[?7l', on: '\u001b[?7h' } as const;
const USUAL = { rows: 24, columns: 80 } as const;

/** Draws each text over the one before it, line by line, so that nothing flickers. */
export function createRedraw(stream: Stream): (text: string) => void {
  let drawn = 0;
  return (text) => {
    const all = text.trimEnd().split('\n');
    const room = (stream.rows || USUAL.rows) - 1;
    const lines = all.length > room ? [...all.slice(0, room - 2), '…', all.at(-1) ?? ''] : all;
    const up = drawn > 0 ? `\u001b[${drawn}A` : '';
    const columns = stream.columns || USUAL.columns;
    const frame = lines.map((line) => `${CLEAR_LINE}${fitted(line, columns)}\n`).join('');
    stream.write(`${FRAME.begin}${FOLDING.off}\r${up}${frame}${CLEAR_BELOW}${FOLDING.on}${FRAME.end}`);
    drawn = lines.length;
  };
}

/** Lines with colours are numbers and titles, which fit. */
function fitted(line: string, columns: number): string {
  return line.includes('\u001b') ? line : cut(line, columns);
}
