/** Aborts at the first SIGTERM or SIGINT; a second SIGINT ends the process the hard way. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  process.once('SIGTERM', abort);
  process.once('SIGINT', abort);
  return stop.signal;
}
