type Output = Pick<NodeJS.WriteStream, 'write' | 'rows' | 'columns' | 'on' | 'off'>;

/** A terminal that is one page, until it is disposed: then it is as it was before. */
export interface FullScreen extends Disposable {
  readonly size: { readonly columns: number; readonly rows: number };
  /** Shows these lines and nothing else; those without room are left out. */
  draw(lines: readonly string[]): void;
}

interface FullScreenOptions {
  readonly input: Pick<NodeJS.ReadStream, 'setRawMode' | 'on' | 'off' | 'resume' | 'pause'>;
  readonly output: Output;
  /** One key, as the terminal sends it. */
  pressed(key: string): void;
  resized(): void;
}

/** The second comes before anybody tells of a crash, so that it is read. */
const ENDS = ['exit', 'uncaughtExceptionMonitor'] as const;

const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l';
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l';
/** Terminals that know it show all that stands between at once; the others ignore it. */
const FRAME = { begin: '\u001b[?2026h', end: '\u001b[?2026l' } as const;
const HOME = '\u001b[H';
/** Before the text: behind it, the last column would be cleared again. */
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';
const USUAL = { rows: 24, columns: 80 } as const;
/** A sequence of escapes, or any single character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: keys are told by control characters.
const KEY = /\u001b(?:\[[\d;]*[A-Za-z~]|O[A-Za-z])|[\s\S]/gu;

/** Takes the terminal over: its other screen, no cursor, every key at once. */
export function openFullScreen({ input, output, pressed, resized }: FullScreenOptions): FullScreen {
  const read = (chunk: Buffer): void => {
    for (const [key] of chunk.toString().matchAll(KEY)) pressed(key);
  };
  let isOpen = true;

  function leave(): void {
    if (!isOpen) return;
    isOpen = false;
    for (const end of ENDS) process.off(end, leave);
    output.off('resize', resized);
    input.off('data', read).pause();
    input.setRawMode(false);
    output.write(LEAVE);
  }

  // Whatever ends the process, the terminal is given back.
  for (const end of ENDS) process.on(end, leave);
  input.setRawMode(true);
  input.resume().on('data', read);
  output.on('resize', resized);
  output.write(ENTER);
  return {
    get size() {
      return { columns: output.columns || USUAL.columns, rows: output.rows || USUAL.rows };
    },
    draw(lines) {
      if (!isOpen) return;
      const shown = lines.slice(0, output.rows || USUAL.rows);
      const text = shown.map((line) => `${CLEAR_LINE}${line}`).join('\r\n');
      output.write(`${FRAME.begin}${HOME}${text}${CLEAR_BELOW}${FRAME.end}`);
    },
    [Symbol.dispose]: leave,
  };
}
