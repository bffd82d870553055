import { commonPlace, nextStep } from '../model/next-step.ts';
import type { SourceState } from './states.ts';
import { HEALTHY } from './verdict.ts';

/** New sources are no problem yet, and those that are off were switched off by somebody. */
const AT_REST: readonly SourceState[] = [...HEALTHY, 'pending', 'off'];

/** What is told of a source, here or by the API. */
interface Judged {
  readonly customer: string;
  readonly region: string;
  readonly state: SourceState;
  readonly code?: string | undefined;
  readonly reason: string;
  readonly destination?: string | undefined;
  /** Epoch ms, or ISO 8601 in UTC. */
  readonly since?: number | string | undefined;
}

/** Sources of one customer that are in one state for one cause. */
export interface Problem<Source extends Judged> {
  readonly key: string;
  /** The first of them. */
  readonly source: Source;
  readonly others: number;
  /** Of the one that has been so for the longest time. */
  readonly since: Source['since'];
  /** What to run. */
  readonly next: string;
}

export function isProblem(state: SourceState): boolean {
  return !AT_REST.includes(state);
}

/** What is wrong, in the order of the sources, one for each cause and customer. */
export function problemsOf<Source extends Judged>(sources: readonly Source[]): readonly Problem<Source>[] {
  const causes = Map.groupBy(
    sources.filter(({ state }) => isProblem(state)),
    ({ customer, state, code, reason }) => JSON.stringify([customer, state, code ?? reason]),
  );
  return [...causes].flatMap(([key, each]) => {
    const [source, ...others] = each;
    if (!source) return [];
    const next = nextStep(source.code, commonPlace(each));
    return [{ key, source, next, since: longestSince(each), others: others.length }];
  });
}

/** Of the one that has been so for the longest time. */
export function longestSince<Source extends Pick<Judged, 'since'>>(
  sources: readonly Source[],
): Source['since'] {
  return sources
    .map(({ since }) => since)
    .reduce((first, since) =>
      first === undefined || (since !== undefined && since < first) ? since : first,
    );
}
