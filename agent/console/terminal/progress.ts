import type { Clock } from '../../model/clock.ts';
import { printable } from './printable.ts';
import { cut } from './width.ts';

/** Something that changed: `subject` is what, `state` its new state, `detail` why. */
export interface ProgressStep {
  readonly subject: string;
  readonly state: string;
  readonly outcome: 'running' | 'good' | 'bad';
  readonly detail?: string;
}

/** Tells people how far a long command is. */
export interface Progress {
  /** So many things will end from now on. */
  begin(total: number): void;
  step(step: ProgressStep): void;
  note(text: string): void;
  /** Takes the bar away. */
  end(): void;
}

export interface ProgressOptions {
  readonly stream: Pick<NodeJS.WriteStream, 'write'>;
  readonly clock: Clock;
  /** What runs, for whom: `deploy acme`. */
  readonly label: string;
  /** A bar for this many columns; absent: one line for each change. */
  readonly barColumns?: number | undefined;
}

const BAR_CELLS = 25;
const CLEAR_LINE = '\r\u001b[2K';

/** A bar suits a terminal that nobody records; everything else gets lines that stand alone. */
export function barColumns(
  stream: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>,
  env: NodeJS.ProcessEnv,
): number | undefined {
  return stream.isTTY && !env.CI && env.TERM !== 'dumb' ? stream.columns : undefined;
}

export function createProgress({ stream, clock, label, barColumns: columns }: ProgressOptions): Progress {
  const startedAt = clock.monotonic();
  let total = 0;
  /** By subject: what ends twice in the same way is told and counted once. */
  const ends = new Map<string, ProgressStep['outcome']>();

  function say(text: string): void {
    const time = `${new Date(clock.now()).toISOString().slice(11, 19)}Z`;
    const bar = columns === undefined ? '' : CLEAR_LINE;
    stream.write(`${bar}${time} ${label} ${printable(text)}\n`);
    draw();
  }

  function draw(): void {
    if (columns === undefined || total === 0) return;
    const failed = [...ends.values()].filter((outcome) => outcome === 'bad').length;
    const filled = Math.min(BAR_CELLS, Math.round((BAR_CELLS * ends.size) / total));
    const bar = '█'.repeat(filled) + '░'.repeat(BAR_CELLS - filled);
    const text = ` ${label}  ${bar}  ${ends.size}/${total}, ${failed} failed  ${elapsed(clock.monotonic() - startedAt)}`;
    stream.write(CLEAR_LINE + cut(text, columns - 1));
  }

  return {
    begin(count) {
      total = count;
      ends.clear();
      draw();
    },
    step({ subject, state, outcome, detail }) {
      if (outcome !== 'running') {
        if (ends.get(subject) === outcome) return;
        ends.set(subject, outcome);
      }
      // A bar shows what went well by growing; lines are for what ended, and for what went wrong.
      if (outcome === 'bad' || (outcome === 'good' && columns === undefined)) {
        say(
          `[${ends.size}/${Math.max(total, ends.size)}] ${subject} ${state}${detail === undefined ? '' : ` ${detail}`}`,
        );
        return;
      }
      draw();
    },
    note: say,
    end() {
      if (columns !== undefined && total > 0) stream.write(CLEAR_LINE);
      total = 0;
    },
  };
}

/** mm:ss. */
function elapsed(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
}
