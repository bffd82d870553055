import { GRADES, type Outcome } from '../model/outcome.ts';
import type { Item } from './custody.ts';

type Said<Kind extends Outcome['kind']> = Extract<Outcome, { kind: Kind }>;

/** The records of a batch by what the destination said of them. */
export interface Answers {
  readonly ok: Item[];
  readonly retry: Item[];
  readonly reject: { readonly item: Item; readonly outcome: Said<'reject'> }[];
  readonly blocked: Item[];
  /** The weakest of its kind: the longest time to settle and the lowest grade, the longest wait. */
  taken: Said<'ok'> | undefined;
  failure: Said<'retry'> | undefined;
  block: Said<'blocked'> | undefined;
}

/** `outcomes`: one per item, in order. */
export function sortAnswers(items: readonly Item[], outcomes: readonly Outcome[]): Answers {
  const answers: Answers = {
    ok: [],
    retry: [],
    reject: [],
    blocked: [],
    taken: undefined,
    failure: undefined,
    block: undefined,
  };
  for (const [index, outcome] of outcomes.entries()) {
    const item = items[index];
    if (item) note(answers, item, outcome);
  }
  return answers;
}

function note(answers: Answers, item: Item, outcome: Outcome): void {
  switch (outcome.kind) {
    case 'ok':
      answers.ok.push(item);
      answers.taken = answers.taken ? weaker(answers.taken, outcome) : outcome;
      return;
    case 'retry':
      answers.retry.push(item);
      if (isLonger(outcome.afterMs, answers.failure?.afterMs)) answers.failure = outcome;
      answers.failure ??= outcome;
      return;
    case 'reject':
      answers.reject.push({ item, outcome });
      return;
    case 'blocked':
      answers.blocked.push(item);
      answers.block ??= outcome;
      return;
  }
}

function weaker(one: Said<'ok'>, other: Said<'ok'>): Said<'ok'> {
  const longest = isLonger(other.finalAfterMs, one.finalAfterMs) ? other : one;
  const lowest = GRADES.indexOf(other.grade) < GRADES.indexOf(one.grade) ? other : one;
  return longest.grade === lowest.grade ? longest : { ...longest, grade: lowest.grade };
}

function isLonger(one: number | undefined, other: number | undefined): boolean {
  return (one ?? 0) > (other ?? 0);
}
