import { printable } from '../console/terminal/printable.ts';
import { EXIT, type ExitCode, GuardrelayError } from '../model/error.ts';

export interface FailureView {
  readonly json: boolean;
  /** Add the stack to faults of our own. */
  readonly verbose: boolean;
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}

/** The error itself, or INT-001 for what should never have been thrown. */
export function explained(error: unknown): GuardrelayError {
  if (error instanceof GuardrelayError) return error;
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new GuardrelayError('INT-001', `guardrelay met a fault of its own: ${what}`, {
    exitCode: EXIT.failure,
    fix: 'Repeat the command with -v and report what it prints.',
    cause: error,
  });
}

/** One block for stderr: what happened, what to do, where to read more. */
export function failureText(error: GuardrelayError, { json, verbose }: FailureView): string {
  const { code, message, fix } = error;
  if (json) return `${JSON.stringify({ error: { code, message, fix } })}\n`;
  const stack = verbose ? `\n${stackOf(error)}\n` : '';
  const told = message.split('\n').map(printable).join('\n');
  return `✖ ${code}  ${told}\n  fix   ${fix}\n  docs  docs/errors/${code}.md\n${stack}`;
}

/** Tells a failure on stderr and gives its exit code. */
export function tellFailure(error: unknown, view: FailureView): ExitCode {
  const failure = explained(error);
  process.stderr.write(failureText(failure, view));
  return failure.exitCode;
}
