const CAP_MS = 15 * 60_000;

/** Milliseconds that a Retry-After header (RFC 9110 10.2.3: seconds or a date) asks for, at most 15 minutes. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - nowMs;
  return waitMs > 0 ? Math.min(waitMs, CAP_MS) : undefined;
}
