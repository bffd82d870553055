import type { Overview, SourceRow } from './overview.ts';
import type { SourceState } from './states.ts';

export const NEEDS_ACTION: readonly SourceState[] = ['failing', 'blocked', 'silent'];
export const HEALTHY: readonly SourceState[] = ['quiet', 'ok'];

export function countIn({ counts }: Overview, states: readonly SourceState[]): number {
  return states.reduce((sum, state) => sum + counts[state], 0);
}

/** A region that is not enabled is no source: nothing is read there, so nothing can be wrong. */
export function isRead({ state, underlying }: SourceRow): boolean {
  return state !== 'off' || underlying !== undefined;
}

/** Of the sources that are muted: all, and those that would need action. */
export function countMuted({ sources }: Overview): { readonly all: number; readonly needAction: number } {
  const muted = sources.flatMap(({ underlying }) => underlying ?? []);
  return { all: muted.length, needAction: muted.filter((state) => NEEDS_ACTION.includes(state)).length };
}

/** All of it in plain words: what needs action, or why nothing does, and what is muted. */
export function verdict(overview: Overview): string {
  return verdictLines(overview).join(' ');
}

/** The same, a sentence to a line. */
export function verdictLines(overview: Overview): readonly string[] {
  const muted = countMuted(overview);
  const sentence = judgedSentence(overview, overview.sources.filter(isRead).length - muted.all);
  return muted.all === 0 ? [sentence] : [sentence, mutedSentence(muted)];
}

function mutedSentence({ all, needAction }: ReturnType<typeof countMuted>): string {
  if (needAction === 0) return all === 1 ? '1 more is muted.' : `${all} more are muted.`;
  if (all === 1) return '1 more is muted, with a problem.';
  return `${all} more are muted, ${needAction} of them with a problem.`;
}

/** `total`: sources that are read and not muted. */
function judgedSentence(overview: Overview, total: number): string {
  const broken = countIn(overview, NEEDS_ACTION);
  const unclear = total - broken - countIn(overview, HEALTHY);
  if (!overview.sources.some(isRead)) return 'No source is known yet.';
  if (broken > 0) return `${broken} of ${total} sources ${broken === 1 ? 'needs' : 'need'} action.`;
  const blocked = overview.destinations.filter(({ state }) => state === 'blocked');
  if (blocked.length > 0) return `Blocked: ${blocked.map(({ id }) => id).join(', ')}.`;
  if (unclear > 0) return `${unclear} of ${total} sources cannot be called healthy yet.`;
  return `All ${total} sources are proven, and the destinations acknowledge.`;
}
