import { printable, printableJson } from '../../console/terminal/printable.ts';
import { createRedraw } from '../../console/terminal/redraw.ts';
import type { Screen } from '../../console/terminal/screen.ts';
import type { Overview, SourceRow } from '../../health/overview.ts';
import { HEALTHY } from '../../health/verdict.ts';
import type { Clock } from '../../model/clock.ts';
import { timeText } from '../doctor/board.ts';

interface WatchOptions {
  look(): Promise<Overview>;
  show(overview: Overview): void;
  readonly clock: Clock;
  readonly stop: AbortSignal;
}

const EVERY_MS = 2_000;

/** Looks and shows again and again until the signal comes; answers with the last look. */
export async function watchStatus({ look, show, clock, stop }: WatchOptions): Promise<Overview> {
  for (;;) {
    const seen = await look();
    show(seen);
    await clock.sleep(EVERY_MS, stop);
    if (stop.aborted) return seen;
  }
}

interface BoardOptions {
  readonly screen: Screen;
  /** Of the whole status. */
  text(overview: Overview): string;
  readonly stream: Pick<NodeJS.WriteStream, 'write' | 'rows' | 'columns'>;
  now(): number;
}

/** A terminal is drawn over; elsewhere there is a line for each source whose state or cause is another than before. */
export function createStatusBoard({ screen, text, stream, now }: BoardOptions): (seen: Overview) => void {
  if (screen.output === 'table') {
    const redraw = createRedraw(stream);
    return (seen) => redraw(text(seen));
  }
  const known = new Map<string, string>();
  return ({ sources }) => {
    for (const row of sources) {
      const [key, state] = [keyOf(row), stateText(row)];
      const before = known.get(key);
      known.set(key, state);
      const isNews = before === undefined ? !HEALTHY.includes(row.state) : before !== state;
      if (isNews) stream.write(lineOf(row, screen, now()));
    }
  };
}

function lineOf(row: SourceRow, { output }: Screen, now: number): string {
  if (output === 'plain') return `${timeText(now)} ${keyOf(row)} ${printable(stateText(row))}\n`;
  const { customer, account, region, logGroup, state, code, reason } = row;
  const at = new Date(now).toISOString();
  return `${printableJson({ at, customer, account, region, logGroup, state, code, reason })}\n`;
}

function keyOf({ customer, account, region, logGroup }: SourceRow): string {
  return [customer, account, region, logGroup].join(' ');
}

function stateText({ state, code, reason }: SourceRow): string {
  return code === undefined ? state : `${state} ${code} ${reason}`;
}
