import { printable } from '../console/terminal/printable.ts';
import { cut } from '../console/terminal/width.ts';
import type { Clock } from '../model/clock.ts';
import { type CheckRow, foundText } from './doctor-rows.ts';

/** Where a watcher sees what changes. */
export interface Board {
  show(text: string, news: readonly CheckRow[]): void;
}

type Stream = Pick<NodeJS.WriteStream, 'write' | 'rows' | 'columns'>;

/** Before its new text: behind it, the last column would be cleared again. */
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';
/** Terminals that know it show all that stands between at once; the others ignore it. */
const FRAME = { begin: '\u001b[?2026h', end: '\u001b[?2026l' } as const;
/** A line that is too long must not be folded: the count of lines would be wrong. */
const FOLDING = { off: '\u001b[?7l', on: '\u001b[?7h' } as const;
const USUAL = { rows: 24, columns: 80 } as const;

/** Draws over what it drew before, line by line, so that nothing flickers. */
export function createScreenBoard(stream: Stream): Board {
  let drawn = 0;
  return {
    show(text) {
      const all = text.trimEnd().split('\n');
      const room = (stream.rows || USUAL.rows) - 1;
      const lines = all.length > room ? [...all.slice(0, room - 2), '…', all.at(-1) ?? ''] : all;
      const up = drawn > 0 ? `\u001b[${drawn}A` : '';
      const columns = stream.columns || USUAL.columns;
      const frame = lines.map((line) => `${CLEAR_LINE}${fitted(line, columns)}\n`).join('');
      stream.write(`${FRAME.begin}${FOLDING.off}\r${up}${frame}${CLEAR_BELOW}${FOLDING.on}${FRAME.end}`);
      drawn = lines.length;
    },
  };
}

/** Lines with colours are numbers and titles, which fit. */
function fitted(line: string, columns: number): string {
  return line.includes('\u001b') ? line : cut(line, columns);
}

/** One line for each change. */
export function createLineBoard(stream: Pick<Stream, 'write'>, clock: Pick<Clock, 'now'>): Board {
  return {
    show(_text, news) {
      const time = timeText(clock.now());
      for (const row of news) stream.write(`${time} doctor ${printable(newsText(row))}\n`);
    },
  };
}

/** Of the day, in UTC. */
export function timeText(now: number): string {
  return `${new Date(now).toISOString().slice(11, 19)}Z`;
}

function newsText({ result, check, ...row }: CheckRow): string {
  const { customer, account, region, destination } = row;
  const where = [customer, account, region, destination].filter((part) => part !== undefined);
  const code = 'code' in result && result.code !== check ? ` ${result.code}` : '';
  const found = foundText(result);
  const state = result.kind === 'passed' ? 'ok' : `${result.kind}${code}`;
  return `${[...where, check].join(' ')} ${state}${found === '' ? '' : `: ${found}`}`;
}
