import { placesText } from './plan-text.ts';
import type { Proof, Verdict } from './proof.ts';
import type { DeployRow } from './rows.ts';

/** What came of the proofs of one customer, for people: problems in full, each once. */
export function proofText(customer: string, proofs: readonly Proof[], rows: readonly DeployRow[]): string {
  const proven = proofs.filter(({ verdict }) => verdict.kind === 'proven').length;
  if (proven === proofs.length) return `✔ ${customer}: ${provenBy(proofs)}.\n`;
  const unproven = rows.filter(({ status }) => status === 'unproven');
  const causes = Map.groupBy(unproven, ({ code, reason }) => JSON.stringify([code, reason]));
  const some = `${proven} of ${sources(proofs.length)} proven`;
  if (unproven.length === 0) return `? ${customer}: ${some}${lockedText(proofs)}`;
  return [
    `✖ ${customer}: ${some}.`,
    ...[...causes.values()].map((each) => causeText(customer, each)),
    '',
  ].join('\n');
}

function provenBy(proofs: readonly Proof[]): string {
  const kinds = new Set(proofs.flatMap(({ verdict }) => (verdict.kind === 'proven' ? verdict.by : [])));
  return `${sources(proofs.length)} proven by ${[...kinds].join(' or ')}`;
}

function causeText(customer: string, rows: readonly DeployRow[]): string {
  const [{ code = 'LOG-006', reason = '', fix = '' } = {}] = rows;
  const regions = new Set(rows.map(({ region }) => region));
  const next = code === 'LOG-006' && regions.size > 1 ? `guardrelay doctor --customer ${customer}` : fix;
  return `  ${code}  ${placesText(rows)}\n    why   ${reason}\n    fix   ${next}\n    docs  docs/errors/${code}.md`;
}

/** Not wrong: whoever deploys need not be able to read. */
function lockedText(proofs: readonly Proof[]): string {
  const [reason = ''] = proofs.flatMap(({ verdict }) => (isLocked(verdict) ? verdict.reason : []));
  return [
    '; with the credentials of this host they cannot be read.',
    `    AWS   ${reason}`,
    '    next  guardrelay doctor, where the agent runs',
    '',
  ].join('\n');
}

function isLocked(verdict: Verdict): verdict is Extract<Verdict, { kind: 'refused' | 'locked' }> {
  return verdict.kind === 'locked';
}

function sources(count: number): string {
  return count === 1 ? '1 source' : `${count} sources`;
}
