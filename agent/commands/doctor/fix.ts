import { ask } from '../ask.ts';
import { type Cure, cure, type Proposal, proposals } from './cure.ts';
import { proposalText } from './cure-text.ts';
import { type Examination, isOk, rowKey } from './rows.ts';
import { type SurveyOptions, surveyAgain, unlessStopped } from './survey.ts';

export interface FixOptions {
  readonly survey: SurveyOptions;
  readonly profile?: string | undefined;
  /** Agrees to what is safe. What costs money or concerns others is asked for all the same. */
  readonly yes: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

/** What doctor looked at, after what it repaired. */
export interface Fixed {
  readonly examination: Examination;
  readonly cures: readonly FinishedCure[];
}

export interface FinishedCure extends Cure {
  /** Whether the check passes now. */
  readonly isOk: boolean;
}

/** AWS takes a moment to show a change everywhere. */
const SETTLE_MS = [0, 2_000, 5_000];

/** Repairs what can be repaired, after asking, and looks again at what was not ok. */
export async function fix(known: Examination, options: FixOptions): Promise<Fixed> {
  const { survey, profile, yes, width } = options;
  const all = proposals(known);
  const clients = survey.openClients();
  try {
    const agree = createAgreement(all.length, { yes, width, signal: survey.signal });
    const cures = await cure(all, { clients, profile, signal: survey.signal, agree });
    const examination = await lookAgain(known, cures, survey);
    const sound = new Set(examination.rows.filter(isOk).map(rowKey));
    return { examination, cures: cures.map((each) => ({ ...each, isOk: sound.has(rowKey(each.row)) })) };
  } finally {
    await clients.close();
  }
}

async function lookAgain(
  known: Examination,
  cures: readonly Cure[],
  options: SurveyOptions,
): Promise<Examination> {
  const touched = new Set(
    cures.flatMap(({ row, outcome }) => (outcome.kind === 'applied' ? [rowKey(row)] : [])),
  );
  const { clock, signal } = options;
  let seen = known;
  for (const ms of touched.size > 0 ? SETTLE_MS : []) {
    await clock.sleep(ms, signal);
    const fresh = await unlessStopped(() => surveyAgain(seen, { ...options, cheap: false }), signal);
    // What was repaired is told all the same.
    if (!fresh) return seen;
    seen = fresh;
    if (seen.rows.every((row) => isOk(row) || !touched.has(rowKey(row)))) return seen;
  }
  return seen;
}

/** Asks on the terminal, each proposal by itself. */
function createAgreement(
  total: number,
  { yes, width, signal }: Pick<FixOptions, 'yes' | 'width'> & { readonly signal: AbortSignal },
) {
  let asked = 0;
  return async (proposal: Proposal): Promise<boolean> => {
    asked += 1;
    process.stderr.write(`\n${proposalText(proposal, `${asked}/${total}`, width)}`);
    const isSafe = proposal.caution === undefined;
    if (yes && isSafe) return true;
    if (yes && !process.stdin.isTTY) {
      process.stderr.write('Not done: --yes does not agree to this, and there is no terminal to ask\n');
      return false;
    }
    return /^y(es)?$/i.test(await ask('Do this? (y/N) ', signal));
  };
}
