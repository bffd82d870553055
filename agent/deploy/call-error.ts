import { LimitExceededException } from '@aws-sdk/client-cloudformation';

import { errorFacts } from '../aws/error-facts.ts';
import { CredentialsError, classifyFailure } from '../aws/failure.ts';
import type { ErrorCode } from '../model/error.ts';
import { EXIT, GuardrelayError } from '../model/error.ts';

/** CloudFormation's refusals to work for an organization: trusted access is off, or the account may not ask. */
const ORGANIZATION_REFUSALS =
  /enable organizations access|not a delegated administrator|management account or delegated admin/i;
const TRUST_FIX =
  'With credentials of the management account: aws cloudformation activate-organizations-access';
const ADMINISTRATOR_FIX =
  'Run with credentials of the management account (--profile), or of a delegated administrator of StackSets with stack.callAs: delegated-admin; docs/errors/CFN-001.md tells how one is registered.';

/** Nobody may deploy to the organization yet, or not from this account. */
export function organizationRefusal(text: string, cause?: unknown): GuardrelayError {
  return new GuardrelayError('CFN-001', text, {
    exitCode: EXIT.refused,
    fix: /delegated admin/i.test(text) ? ADMINISTRATOR_FIX : TRUST_FIX,
    ...(cause !== undefined && { cause }),
  });
}

/** An error of a call that concerns the whole deployment, in words for people. Our own faults stay as they are. */
export function explainCallError(error: unknown, what: string): unknown {
  if (!isFromAws(error)) return error;
  const { cause, code, text } = classifyFailure(error, { what });
  const refused = (refusedCode: ErrorCode, fix: string) =>
    new GuardrelayError(refusedCode, text, { exitCode: EXIT.refused, fix, cause: error });
  const failed = (fix: string) =>
    new GuardrelayError(code, text, { exitCode: EXIT.failure, fix, cause: error });

  if (ORGANIZATION_REFUSALS.test(text)) return organizationRefusal(text, error);
  if (error instanceof LimitExceededException) {
    return failed('Ask AWS for a higher CloudFormation quota in this account, or remove what is not needed.');
  }
  if (cause === 'denied') {
    return refused(
      'CFN-012',
      'Allow the deploying principal the action that AWS names, then run the same command again.',
    );
  }
  if (cause === 'credentials' || cause === 'region-off') {
    return refused(
      code,
      'Sign in again or name other credentials with --profile, then run the same command again.',
    );
  }
  return failed('Run the same command again: it goes on where this one stopped.');
}

/** What AWS answered to a call, or why it could not be asked. Undefined: the fault is our own. */
export function refusalText(error: unknown): string | undefined {
  return isFromAws(error) ? errorFacts(error).said : undefined;
}

function isFromAws(error: unknown): boolean {
  if (error instanceof Error && '$fault' in error) return true;
  return error instanceof CredentialsError || errorFacts(error).isNetwork;
}
