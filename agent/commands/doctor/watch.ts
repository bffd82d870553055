import { type CheckRow, type Examination, isPending, rowKey } from './rows.ts';
import { type SurveyOptions, survey, surveyAgain, unlessStopped } from './survey.ts';

export interface WatchOptions {
  readonly survey: SurveyOptions;
  readonly intervalMs: number;
  /** Whether there is nothing more to wait for. */
  isSettled(examination: Examination): boolean;
  show(look: Look): void;
}

interface Look {
  readonly examination: Examination;
  /** What was not so before. */
  readonly news: readonly CheckRow[];
}

/** Looks again and again, at what was not ok and at what is cheap, until all is ok or the signal comes. Gives the last look. */
export async function watch(options: WatchOptions): Promise<Examination | undefined> {
  const { intervalMs, isSettled, show } = options;
  const { clock, signal } = options.survey;
  const newsIn = createNews();
  let seen: Examination | undefined;
  while (!signal.aborted) {
    const examination = await unlessStopped(() => lookAgain(seen, options), signal);
    if (!examination) break;
    seen = examination;
    show({ examination, news: newsIn(examination) });
    if (isSettled(examination)) break;
    await clock.sleep(intervalMs, signal);
  }
  return seen;
}

/** Before the end everything is asked once more: what was ok at first may have broken meanwhile. */
async function lookAgain(known: Examination | undefined, options: WatchOptions): Promise<Examination> {
  if (!known) return survey(options.survey);
  const seen = await surveyAgain(known, { ...options.survey, cheap: true });
  return options.isSettled(seen) ? survey(options.survey) : seen;
}

/** What is wrong now and was not said before, and what was said to be wrong and is well. */
function createNews(): (examination: Examination) => readonly CheckRow[] {
  const wrong = new Map<string, string>();
  return ({ rows }) =>
    rows.filter((row) => {
      const key = rowKey(row);
      const { kind } = row.result;
      const isWrong = kind === 'failed' || kind === 'warned' || isPending(row);
      const before = wrong.get(key);
      if (isWrong) wrong.set(key, kind);
      else wrong.delete(key);
      return isWrong ? before !== kind : before !== undefined;
    });
}
