import type { Overview } from './overview.ts';
import type { SourceState } from './states.ts';

export const NEEDS_ACTION: readonly SourceState[] = ['failing', 'blocked', 'silent'];
export const HEALTHY: readonly SourceState[] = ['quiet', 'ok'];

export function countIn({ counts }: Overview, states: readonly SourceState[]): number {
  return states.reduce((sum, state) => sum + counts[state], 0);
}

/** All of it in one plain sentence. */
export function verdict(overview: Overview): string {
  const total = overview.sources.length;
  const broken = countIn(overview, NEEDS_ACTION);
  const unclear = total - broken - countIn(overview, HEALTHY);
  if (total === 0) return 'No source is known yet.';
  if (broken > 0) return `${broken} of ${total} sources ${broken === 1 ? 'needs' : 'need'} action.`;
  const blocked = overview.destinations.filter(({ state }) => state === 'blocked');
  if (blocked.length > 0) return `Blocked: ${blocked.map(({ id }) => id).join(', ')}.`;
  if (unclear > 0) return `${unclear} of ${total} sources cannot be called healthy yet.`;
  return `All ${total} sources are proven, and the destinations acknowledge.`;
}
