import { type Proof, type ProofSubject, prove } from '../../deploy/proof.ts';
import { provenRows } from '../../deploy/proof-rows.ts';
import { proofText } from '../../deploy/proof-text.ts';
import { type DeployRow, isProblem } from '../../deploy/rows.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, type ExitCode } from '../../model/error.ts';
import { isTimedOut } from '../stop-signal.ts';
import type { TourMeans, Visit } from './deployer.ts';
import type { DeployOutput } from './output.ts';
import { createProgressView, type ProgressWishes } from './progress.ts';
import { createProofSite } from './proof-site.ts';

export interface ProofWishes extends ProgressWishes {
  /** true: nothing less than a proof will do. Absent: as far as the credentials of this host go. */
  readonly waitHealthy?: boolean | undefined;
  /** For the whole command; absent: the proofs have a limit of their own. */
  readonly timeout?: number | undefined;
}

/** A customer whose stacks stand. */
export interface Deployed {
  readonly visit: Visit;
  readonly rows: readonly DeployRow[];
  readonly subjects: readonly ProofSubject[];
}

interface Telling {
  readonly wishes: ProofWishes;
  readonly output: DeployOutput;
}

const PROOF_LIMIT_MS = 600_000;

/** Waits for an event of each source, and tells what came of it. */
export async function proveDeployed(
  waiting: readonly Deployed[],
  means: TourMeans,
  { wishes, output }: Telling,
): Promise<ExitCode> {
  const limits = wishes.timeout === undefined ? [AbortSignal.timeout(PROOF_LIMIT_MS)] : [];
  const signal = AbortSignal.any([means.signal, ...limits]);
  const proofs = await proveAll(waiting, { ...means, signal }, wishes);
  if (signal.aborted && !isTimedOut(signal)) {
    for (const { rows } of waiting) output.add(rows);
    output.say('Stopped. The stacks stand; whether events come from them: guardrelay doctor\n');
    return EXIT.interrupted;
  }
  const isDemanded = wishes.waitHealthy === true;
  const problems = waiting.flatMap(({ visit: { customer }, rows }) => {
    const own = proofs.filter(({ source }) => source.customer === customer.id);
    const proven = provenRows(rows, own, { stack: customer.stack.name, isDemanded });
    output.say(proofText(customer.id, own, proven));
    output.add(proven);
    return proven.filter(isProblem);
  });
  return codeOf(problems);
}

async function proveAll(
  waiting: readonly Deployed[],
  means: TourMeans,
  wishes: ProofWishes,
): Promise<readonly Proof[]> {
  const view = createProgressView('proof', wishes);
  const customers = waiting.map(({ visit: { customer } }) => customer);
  const subjects = waiting.flatMap((each) => each.subjects);
  view.begin(subjects.length);
  try {
    return await prove(subjects, createProofSite(customers, { ...means, view, clock: systemClock }));
  } finally {
    view.end();
  }
}

/** What is only late may come yet; a role that lets everybody in may not stay. */
function codeOf(problems: readonly DeployRow[]): ExitCode {
  const codes = new Set(problems.map(({ code }) => code));
  if (codes.has('AUTH-003')) return EXIT.unhealthy;
  if (codes.has('LOG-006')) return EXIT.timeout;
  return codes.size > 0 ? EXIT.refused : EXIT.done;
}
