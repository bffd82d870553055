/** Event times, epoch ms: from the first one up to, and without, the other. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** How far the spans reach from here without a hole; where none holds it, here. */
export function coveredUntil(from: number, spans: readonly Span[]): number {
  let until = from;
  for (const span of inOrder(spans)) if (span.from <= until) until = Math.max(until, span.until);
  return until;
}

/** From the first to the last of what the spans leave uncovered; undefined: nothing. */
export function uncovered({ from, until }: Span, spans: readonly Span[]): Span | undefined {
  const start = coveredUntil(from, spans);
  if (start >= until) return undefined;
  let end = until;
  for (const span of inOrder(spans).toReversed()) if (span.until >= end) end = Math.min(end, span.from);
  return { from: start, until: Math.max(start, end) };
}

function inOrder(spans: readonly Span[]): readonly Span[] {
  return spans.toSorted((one, other) => one.from - other.from);
}
