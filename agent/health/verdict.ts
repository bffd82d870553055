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
  const total = overview.sources.filter(isRead).length - muted.all;
  if (muted.all === 0) return [judgedSentence(overview, total)];
  if (total === 0) return [mutedSentence(muted, 'Every source')];
  return [judgedSentence(overview, total), mutedSentence(muted, `${muted.all} more`)];
}

function mutedSentence({ all, needAction }: ReturnType<typeof countMuted>, who: string): string {
  const are = all === 1 || who === 'Every source' ? 'is' : 'are';
  const problems = all === 1 ? ', with a problem' : `, ${needAction} of them with a problem`;
  return `${who} ${are} muted${needAction === 0 ? '' : problems}.`;
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
  const proven = total === 1 ? 'The only source is' : `All ${total} sources are`;
  return `${proven} proven, and the destinations acknowledge.`;
}
