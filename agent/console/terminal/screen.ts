const OUTPUTS = ['table', 'plain', 'json', 'ndjson'] as const;
type Output = (typeof OUTPUTS)[number];

/** How results are shown. */
export interface Screen {
  readonly output: Output;
  /** Columns of the terminal. */
  readonly width: number;
  readonly color: boolean;
}

export interface ScreenWishes {
  readonly output?: Output | 'auto' | undefined;
  readonly json: boolean;
  readonly noColor: boolean;
}

interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

const USUAL_WIDTH = 100;

function outputOf({ output, json }: ScreenWishes, env: Environment, isTerminal: boolean): Output {
  const wished = json ? 'json' : (output ?? env.GUARDRELAY_OUTPUT);
  return OUTPUTS.find((name) => name === wished) ?? (isTerminal ? 'table' : 'plain');
}

/** A table on a terminal and plain text otherwise, unless options or the environment say something else. */
export function screenFor(wishes: ScreenWishes, env: Environment, terminal: Terminal): Screen {
  const isTerminal = terminal.isTTY === true;
  const colorless = wishes.noColor || Boolean(env.NO_COLOR) || env.TERM === 'dumb';
  return {
    output: outputOf(wishes, env, isTerminal),
    // A terminal that was never told its size says 0.
    width: terminal.columns || USUAL_WIDTH,
    color: isTerminal && !colorless,
  };
}
