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
    fix: 'Create the execution role in that account, trusting the administration role, then deploy again.',
  },
  {
    pattern: /service control policy|explicit deny|not authorized|access ?denied|unauthorized/i,
    code: 'CFN-012',
    fix: 'Allow the named action to the named role, in its policy or in the service control policy, then deploy again.',
  },
  {
    pattern: /\bregion\b.*\b(disabled|not enabled|not opted)|security token .* invalid|not subscribed/i,
    code: 'CFN-003',
    fix: "Enable the region in the account, or take it out of the customer's regions, then deploy again.",
  },
  {
    pattern: /already exists/i,
    code: 'CFN-003',
    fix: 'A log group or rule of this name is left from before. Delete it, or deploy this account with stack.mode: stack, which adopts a kept log group.',
  },
  {
    pattern: /limit ?exceeded|quota|maximum number/i,
    code: 'CFN-003',
    fix: 'Ask AWS for a higher quota in that account and region, then deploy again.',
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
