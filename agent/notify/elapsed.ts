/** How long ago something was, epoch ms. What lies ahead was noted before the clock was set back: long ago. */
export function elapsedMs(since: number, now: number): number {
  return since > now ? Number.POSITIVE_INFINITY : now - since;
}
