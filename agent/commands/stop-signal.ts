import { EXIT, type ExitCode } from '../model/error.ts';

/** Aborts at the first SIGTERM or SIGINT; a second SIGINT ends the process the hard way. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  process.once('SIGTERM', abort);
  process.once('SIGINT', abort);
  return stop.signal;
}

/** The same, and after a time of its own accord. */
export function limitedSignal(timeoutMs: number | undefined): AbortSignal {
  const stop = stopSignal();
  return timeoutMs === undefined ? stop : AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]);
}

/** Stopped by its time limit, and not by somebody. */
export function isTimedOut({ aborted, reason }: AbortSignal): boolean {
  return aborted && reason instanceof DOMException && reason.name === 'TimeoutError';
}

/** How a command ends that was stopped. */
export function stopCode(signal: AbortSignal): ExitCode {
  return isTimedOut(signal) ? EXIT.timeout : EXIT.interrupted;
}
