import { HEALTHY } from '../../health/verdict.ts';
import type { SourceAnswer, StatusAnswer } from './answers.ts';
import { nextStep } from './next-step.ts';

/** Sources of one customer that are in one state for one cause. */
export interface Problem {
  readonly key: string;
  /** The first of them. */
  readonly source: SourceAnswer;
  readonly others: number;
  /** Of the one that has been so for the longest time. */
  readonly since: string | undefined;
  readonly next: string;
}

/** New sources are no problem yet, and those that are off were switched off by somebody. */
const AT_REST: readonly SourceAnswer['state'][] = [...HEALTHY, 'pending', 'off'];

/** What is wrong, worst first, one for each cause and customer. */
export function problemsOf({ data }: Pick<StatusAnswer, 'data'>): readonly Problem[] {
  const causes = Map.groupBy(
    data.filter(({ state }) => !AT_REST.includes(state)),
    ({ customer, state, code, reason }) => JSON.stringify([customer, state, code ?? reason]),
  );
  return [...causes].flatMap(([key, [source, ...others]]) => {
    if (!source) return [];
    const since = [source, ...others].flatMap((each) => each.since ?? []).toSorted()[0];
    return [{ key, source, since, others: others.length, next: nextStep(source) }];
  });
}
