import type { SourceState } from '../model/position.ts';

/** What a complete read held, and the span of event time that it covered. */
export interface Measure {
  readonly bytes: number;
  readonly spanMs: number;
}

const HOUR_MS = 3_600_000;
/** The window whose size decides, and the least of it that tells how much the rest holds. */
const WINDOW_MS = 49 * HOUR_MS;
const LEAST_SPAN_MS = 25 * HOUR_MS;
/** Four pages. */
const DENSE_BYTES = 4_000_000;

/**
 * Whether a source is dense after this read; undefined: not known yet. Only a read of a day or more can show that it
 * is not, and one that is dense must fall to half to count as small again: it must not change from sweep to sweep.
 */
export function denseAfter(
  { dense }: Pick<SourceState, 'dense'>,
  { bytes, spanMs }: Measure,
): boolean | undefined {
  const windows = spanMs / WINDOW_MS;
  const atLeast = bytes / Math.max(1, windows);
  if (atLeast > DENSE_BYTES) return true;
  if (spanMs < LEAST_SPAN_MS) return dense;
  const atMost = bytes / Math.min(1, windows);
  return atMost > (dense ? DENSE_BYTES / 2 : DENSE_BYTES) && dense !== false;
}
