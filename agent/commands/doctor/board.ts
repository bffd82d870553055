import { printable } from '../../console/terminal/printable.ts';
import { createRedraw } from '../../console/terminal/redraw.ts';
import type { Clock } from '../../model/clock.ts';
import { type CheckRow, foundText } from './rows.ts';

/** Where a watcher sees what changes. */
export interface Board {
  show(text: string, news: readonly CheckRow[]): void;
}

/** A terminal is drawn over. */
export function createScreenBoard(stream: Pick<NodeJS.WriteStream, 'write' | 'rows' | 'columns'>): Board {
  const redraw = createRedraw(stream);
  return { show: (text) => redraw(text) };
}

/** One line for each change. */
export function createLineBoard(stream: Pick<NodeJS.WriteStream, 'write'>, clock: Pick<Clock, 'now'>): Board {
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
