import { barColumns } from '../../console/terminal/progress.ts';
import { cut } from '../../console/terminal/width.ts';
import type { Clock } from '../../model/clock.ts';

/** Counts accounts and log groups while they are looked at. */
export interface Tally {
  expect(count: number): void;
  done(): void;
  /** Takes its line away; the next look begins anew. */
  end(): void;
}

/** Nobody waits for it, or nobody wants to know. */
export const SILENT_TALLY: Tally = { expect() {}, done() {}, end() {} };

/** Whoever waits for less does not wonder. */
const SILENT_MS = 1_000;
/** Between two lines where lines stay, and on a terminal, where one line changes. */
const LINE_EVERY_MS = 10_000;
const REDRAW_EVERY_MS = 100;
const CLEAR_LINE = '\r\u001b[2K';

type Stream = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>;

/** Tells on stderr how far a slow look is. */
export function createTally(stream: Stream, clock: Clock, env: NodeJS.ProcessEnv): Tally {
  const columns = barColumns(stream, env);
  const everyMs = columns === undefined ? LINE_EVERY_MS : REDRAW_EVERY_MS;
  let expected = 0;
  let ended = 0;
  let isShown = false;
  let nextAt = 0;

  function show(): void {
    if (clock.monotonic() < nextAt) return;
    nextAt = clock.monotonic() + everyMs;
    isShown = true;
    const text = `doctor: ${ended} of ${expected} accounts and log groups`;
    stream.write(columns === undefined ? `${text}\n` : CLEAR_LINE + cut(text, columns - 1));
  }

  return {
    expect(count) {
      if (expected === 0) nextAt = clock.monotonic() + SILENT_MS;
      expected += count;
      show();
    },
    done() {
      ended += 1;
      show();
    },
    end() {
      if (isShown && columns !== undefined) stream.write(CLEAR_LINE);
      isShown = false;
      expected = 0;
      ended = 0;
    },
  };
}
