import type { ErrorCode } from '../model/error.ts';

/** Why something failed, in our words: a code with a page, and what to do next. */
export interface Explanation {
  readonly code: ErrorCode;
  readonly fix: string;
}

interface Cause extends Explanation {
  readonly pattern: RegExp;
}

/** Tried in this order on AWS's text. */
const CAUSES: readonly Cause[] = [
  {
    pattern: /should have '[^']+' role with trust relationship to Role '[^']+'/i,
    code: 'CFN-001',
    fix: 'Create the execution role in that account, trusting the administration role, then run the same command again.',
  },
  {
    pattern: /Provided role '[^']+' cannot be assumed by principal 'events/i,
    code: 'CFN-001',
    fix: 'Create the forwarding role in that account (guardrelay template print --for hub-role), then run the same command again.',
  },
  {
    pattern: /service control policy|explicit deny|not authorized|access ?denied|unauthorized/i,
    code: 'CFN-012',
    fix: 'Allow the named action to the named role, in its policy or in the service control policy, then run the same command again.',
  },
  {
    pattern: /account\b.*\bsuspended|suspended account/i,
    code: 'CFN-002',
    fix: "Take the account out of the customer's accounts, or have AWS reopen it, then run the same command again.",
  },
  {
    pattern: /\bregion\b.*\b(disabled|not enabled|not opted)|security token .* invalid|not subscribed/i,
    code: 'CFN-003',
    fix: "Enable the region in the account, or take it out of the customer's regions, then run the same command again.",
  },
  {
    pattern: /(AWS::Logs::ResourcePolicy|LogPolicy:).*limit ?exceeded|account-level Logs policies/is,
    code: 'LOG-003',
    fix: 'The 10 account-level Logs policies of that region are taken. Set stack.logPolicyScope: logGroup, which needs none, or remove one, then run the same command again.',
  },
  {
    pattern: /AWS::Logs::LogGroup' with identifier '[^']+' already exists/,
    code: 'CFN-003',
    fix: 'The log group is there. Deploy again to adopt it; with stack.logPolicyScope: logGroup it cannot be adopted, so set that to account or delete the group.',
  },
  {
    pattern: /already exists|AWS::EarlyValidation::ResourceExistenceCheck/i,
    code: 'CFN-003',
    fix: 'Something of this name belongs to another stack or to nobody. Remove it, or give the customer another stack.prefix and stack.logGroup, then run the same command again.',
  },
  {
    pattern: /limit ?exceeded|quota|maximum number/i,
    code: 'CFN-003',
    fix: 'Ask AWS for a higher quota in that account and region, then run the same command again.',
  },
];

const UNKNOWN_CAUSE: Explanation = {
  code: 'CFN-003',
  fix: 'Remove the cause that AWS names, then run the same command again: only what failed is tried again.',
};

/** Reads AWS's reason for a failure. */
export function explainFailure(reason: string | undefined): Explanation {
  const cause = CAUSES.find(({ pattern }) => pattern.test(reason ?? ''));
  return cause ? { code: cause.code, fix: cause.fix } : UNKNOWN_CAUSE;
}
