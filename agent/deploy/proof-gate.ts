import type { AwsClients } from '../aws/clients.ts';
import type { CredentialScope } from '../aws/credential-scope.ts';
import { createAccountCalls } from './checks/account-calls.ts';
import { ACCOUNT_CHECKS } from './checks/auth.ts';
import { type FailedCheck, runChecks } from './checks/check.ts';
import type { DeployContext } from './context.ts';

export interface GateSite extends Pick<DeployContext, 'clock' | 'signal' | 'pace'> {
  readonly clients: AwsClients;
}

/** Whether an account can be read as the agent will read it. */
export type Admission =
  /** `offsetMs`: how far AWS's clock is ahead of ours. */
  | { readonly kind: 'open'; readonly offsetMs: number }
  /** The role lets in whoever asks: nothing is read with it. */
  | { readonly kind: 'refused'; readonly fault: FailedCheck }
  /** With the credentials of this host nobody becomes the reader. */
  | { readonly kind: 'locked'; readonly fault: FailedCheck };

/** Who reads the account, that the role lets them in, and only with the ExternalId. */
const GATE_CHECKS = ACCOUNT_CHECKS.filter(({ code }) => ['AUTH-001', 'AUTH-002', 'AUTH-003'].includes(code));

/** A role or policy that was made a moment ago is not known everywhere yet: a refusal counts once it has come so often. */
export const PATIENCE_LOOKS = 4;

/** Undefined: the signal ended it before there was an answer. */
export async function admit(scope: CredentialScope, site: GateSite): Promise<Admission | undefined> {
  for (let looks = 1; ; looks += 1) {
    const calls = createAccountCalls({ ...site, scope });
    const checked = await runChecks(GATE_CHECKS, { scope, calls, now: site.clock.now });
    if (site.signal.aborted) return undefined;
    const faults = checked.flatMap(({ result }) => (result.kind === 'failed' ? [result] : []));
    const open = faults.find(({ code }) => code === 'AUTH-003');
    if (open) return { kind: 'refused', fault: open };
    const [fault] = faults;
    if (!fault) return { kind: 'open', offsetMs: (await calls.first.clockOffsetMs()) ?? 0 };
    if (looks === PATIENCE_LOOKS) return { kind: 'locked', fault };
    await site.clock.sleep(site.pace.firstMs, site.signal);
  }
}
