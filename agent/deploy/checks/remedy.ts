import { ask } from '../../aws/ask.ts';
import type { AwsClients } from '../../aws/clients.ts';
import type { CredentialScope } from '../../aws/credential-scope.ts';
import type { FailedCall } from '../../aws/failure.ts';
import type { Place } from '../places.ts';

/**
 * One change that brings something back to what the template and the configuration say. It can be made again without
 * harm, and concerns nothing but our own rules, their targets, our Logs policy, our log group, and GuardDuty's detector.
 */
export interface Remedy {
  /** The same words in every region: people are asked once for all places. */
  readonly description: string;
  /** The same for the AWS CLI. */
  readonly command: string;
  readonly place: Place;
  /** What IAM has to allow: `events:EnableRule`. */
  readonly action: string;
  /** An ARN, or `*`. */
  readonly resource: string;
  /** Why a person has to agree to this very change: it costs money, or concerns what others made. Absent: it is safe. */
  readonly caution?: string;
  /** Throws what AWS answers. */
  apply(hand: Hand): Promise<void>;
}

/** Whose credentials make a change. Never those that read the account: they have no right to. */
export interface Hand {
  readonly clients: AwsClients;
  readonly scope: CredentialScope;
  readonly signal: AbortSignal;
}

/** What a result says of remedies that are to be applied one after the other. */
export function curedBy(remedies: readonly Remedy[]) {
  return { fix: remedies.map(({ command }) => command).join(' && '), remedies };
}

/** AWS's refusal is a value. */
export async function applyRemedy(
  remedy: Remedy,
  hand: Hand,
): Promise<{ readonly kind: 'applied' } | FailedCall> {
  const { account, region } = remedy.place;
  const call = { what: `${remedy.action.replace(/^.*:/, '')} in ${account} ${region}` };
  return ask({ ...hand, region, call }, async () => {
    await remedy.apply(hand);
    return { kind: 'applied' };
  });
}
