import type { Explanation } from './failure.ts';
import type { Place } from './places.ts';

/** What became of one stack. */
export interface InstanceResult extends Place {
  /** Name of the stack or the StackSet. */
  readonly stack: string;
  readonly status: 'pending' | 'running' | 'succeeded' | 'failed' | 'cancelled';
  /** AWS's own words. */
  readonly reason?: string;
  /** Where we know more than those words say. */
  readonly explanation?: Explanation;
  /** The StackSet operation that was left to AWS. */
  readonly operation?: string;
}

export function isFinal({ status }: InstanceResult): boolean {
  return status !== 'pending' && status !== 'running';
}
