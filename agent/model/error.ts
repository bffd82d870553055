/** Exit codes of the command line; every one is a promise to scripts. */
export const EXIT = {
  done: 0,
  failure: 1,
  usage: 2,
  attention: 3,
  unhealthy: 4,
  refused: 5,
  timeout: 6,
  partly: 7,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Every code a user can meet. Each has a page `docs/errors/<code>.md`; a test compares both ways. */
export const ERROR_CODES = {
  'CLI-001': 'the command line is not right',
  'CFG-001': 'the configuration file is not valid',
  'CFG-002': 'one account stands in two customers',
  'CFG-003': 'a destination or channel that is not defined',
  'CFG-004': 'a region that does not exist or has no GuardDuty',
  'CFG-005': 'a secret reference cannot be read',
  'CFG-006': 'the configuration file or a list of accounts cannot be read',
  'CFG-007': 'the HTTP listener is open to others without authentication',
  'CFG-008': 'log groups forget too soon for what the configuration asks',
  'CFG-009': 'others may read a file with a secret',
  'AUTH-001': 'the agent has no AWS credentials, or those of another account',
  'AUTH-002': 'AssumeRole was refused',
  'AUTH-003': 'the role lets in callers without its ExternalId',
  'AUTH-004': 'the access key of the agent is old',
  'AUTH-005': 'the clock of this host is wrong',
  'AUTH-006': 'reading is refused in this region',
  'AUTH-007': 'the AWS credentials are not valid, have expired or will',
  'REG-001': 'the region is not enabled in the account',
  'REG-003': 'a region was enabled, and no stack collects there',
  'NET-001': 'an AWS endpoint cannot be reached',
  'AWS-001': 'AWS throttles the calls',
  'AWS-002': 'AWS answered with an error',
  'LOG-001': 'the log group is missing or cannot be read by class',
  'LOG-002': 'the log group forgets events too soon',
  'LOG-003': 'EventBridge may not write to the log group',
  'LOG-004': 'the log group cannot be read',
  'LOG-005': 'the KMS key of the log group cannot be used',
  'LOG-006': 'no heartbeat stands in the log group',
  'CT-001': 'no trail records changes to GuardDuty',
  'GD-001': 'GuardDuty is not switched on in the region',
  'GD-002': 'GuardDuty reports repetitions of a finding late',
  'GD-003': 'the account does not see the findings of others',
  'GD-004': 'member accounts are not enabled in GuardDuty yet',
  'GD-005': 'new accounts of the organization stay outside GuardDuty',
  'MEM-001': 'accounts have not become members for a long time',
  'MEM-002': 'members are paused',
  'MEM-003': 'the e-mail address of members could not be verified',
  'MEM-004': 'accounts are members no longer',
  'EB-001': 'a rule is missing, disabled or changed',
  'EB-002': 'a rule does not send its events to the log group',
  'EB-003': 'events wait in the dead-letter queue',
  'EB-004': 'the heartbeat rule is missing, disabled or changed',
  'EB-005': 'EventBridge could not deliver events',
  'CFN-001': 'the StackSet roles or trusted access are missing',
  'CFN-002': 'the StackSet or stack is in a state that does not allow this',
  'CFN-003': 'some stack instances failed',
  'CFN-004': 'a stack is not of this release and configuration',
  'CFN-005': 'somebody has changed what a stack made',
  'CFN-012': 'CloudFormation was refused a permission',
  'CFN-013': 'a saved plan no longer holds',
  'DST-001': 'the name of the destination cannot be resolved',
  'DST-002': 'the destination cannot be reached',
  'DST-003': 'TLS with the destination failed',
  'DST-004': 'the destination refuses the credentials',
  'DST-005': 'the destination does not acknowledge records',
  'DST-006': 'records stand in quarantine',
  'DST-007': 'the destination is not what the configuration says',
  'SRC-001': 'nothing arrives from the source',
  'SRC-002': 'the source is not read',
  'SRC-003': 'events may be missing',
  'SRC-004': 'a source has too many events to remember each',
  'SRC-005': 'events expire soon unless a destination takes them',
  'AGT-001': 'the data directory cannot be used',
  'AGT-002': 'the checkpoint store cannot be used',
  'AGT-003': 'an agent reads the source now',
  'AGT-004': 'there is too little memory for the agent',
  'AGT-005': 'the port of the HTTP listener is taken',
  'AGT-006': 'the checkpoint document cannot be used',
  'AGT-007': 'the spool cannot be used',
  'AGT-008': 'many sources of several customers fell at once',
  'NTF-001': 'a channel takes no notices',
  'AGT-009': 'no agent answers',
  'AGT-010': 'the agent refuses the credentials of a command',
  'INT-001': 'guardrelay met a fault of its own',
} as const;
export type ErrorCode = keyof typeof ERROR_CODES;

/** Splits `DST-002: cannot be reached`, as destinations explain themselves, into its code and its words. */
export function splitCode(text: string): { readonly code?: ErrorCode; readonly text: string } {
  const [, name = '', words = ''] = /^([A-Z]+-\d{3}): (.*)$/s.exec(text) ?? [];
  return isErrorCode(name) ? { code: name, text: words } : { text };
}

function isErrorCode(name: string): name is ErrorCode {
  return Object.hasOwn(ERROR_CODES, name);
}

interface Explanation {
  readonly exitCode: ExitCode;
  /** The exact next step, in one sentence or command. */
  readonly fix: string;
  readonly cause?: unknown;
}

/**
 * An error that a person reads. The message says what was being done, to what, and what came back;
 * it never holds a secret.
 */
export class GuardrelayError extends Error {
  readonly code: ErrorCode;
  readonly exitCode: ExitCode;
  readonly fix: string;

  constructor(code: ErrorCode, message: string, { exitCode, fix, cause }: Explanation) {
    super(message, { cause });
    this.name = 'GuardrelayError';
    this.code = code;
    this.exitCode = exitCode;
    this.fix = fix;
  }
}
