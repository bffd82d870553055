/** What stands in a region, as far as the reader role sees it, and what should. */
export interface StackFacts {
  readonly customer: string;
  readonly account: string;
  readonly region: string;
  readonly stack: string;
  readonly mode: string;
  readonly expected: Release;
  /** Absent: nobody has looked, or the right to look is missing. */
  readonly seen?: Release | undefined;
  readonly seenAt?: number | undefined;
  /** Why it is not known. */
  readonly hindrance?: string | undefined;
}

export interface Release {
  readonly version?: string | undefined;
  readonly configHash?: string | undefined;
}

/** `unknown`: nobody could look; `foreign`: others made the log group, and there is no stack. */
export const STACK_STATES = ['current', 'outdated', 'unknown', 'foreign'] as const;
export type StackState = (typeof STACK_STATES)[number];

export function stackState({ mode, expected, seen }: StackFacts): StackState {
  if (mode === 'existing') return 'foreign';
  if (!seen) return 'unknown';
  const isCurrent = seen.version === expected.version && seen.configHash === expected.configHash;
  return isCurrent ? 'current' : 'outdated';
}
