export type LogFields = Readonly<Record<string, unknown>>;

/** JSON lines: a static message and fields. Only `commands/` makes one; everyone else is handed it. */
export interface Logger {
  /** Records were lost, or a person must act. */
  error(message: string, fields?: LogFields): void;
  /** Odd, nothing lost. */
  warn(message: string, fields?: LogFields): void;
  /** Started, stopped, changed. */
  info(message: string, fields?: LogFields): void;
  /** Per batch. */
  debug(message: string, fields?: LogFields): void;
}

export const silentLogger: Logger = { error() {}, warn() {}, info() {}, debug() {} };
