import { placeKey } from './places.ts';
import type { Proof, Verdict } from './proof.ts';
import type { DeployRow } from './rows.ts';

/** How strictly the proofs of a customer are judged. */
export interface ProofRules {
  /** The collector's stack, or StackSet. */
  readonly stack: string;
  /** Nothing less than a proof will do: that the sources cannot be read from here is an error too. */
  readonly isDemanded: boolean;
}

/** The rows with what came of the proofs. */
export function provenRows(
  rows: readonly DeployRow[],
  proofs: readonly Proof[],
  { stack, isDemanded }: ProofRules,
): DeployRow[] {
  const verdicts = new Map(proofs.map(({ source, verdict }) => [placeKey(source), verdict]));
  return rows.map((row) => {
    const verdict = row.stack === stack ? verdicts.get(placeKey(row)) : undefined;
    if (!verdict || (verdict.kind === 'locked' && !isDemanded)) return row;
    return { ...row, ...outcomeOf(verdict, row) };
  });
}

function outcomeOf(verdict: Verdict, { customer, region }: DeployRow): Partial<DeployRow> {
  switch (verdict.kind) {
    case 'proven':
      return { provenBy: verdict.by, provenAt: new Date(verdict.at).toISOString() };
    case 'unseen': {
      const said = verdict.reason === undefined ? '' : `; last of all: ${verdict.reason}`;
      return {
        status: 'unproven',
        code: 'LOG-006',
        reason: `no heartbeat came after the deployment${said}`,
        fix: `guardrelay doctor --customer ${customer} --region ${region}`,
      };
    }
    case 'refused':
    case 'locked': {
      const { code, reason, fix } = verdict;
      return { status: 'unproven', code, reason, fix };
    }
  }
}
