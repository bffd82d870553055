import { type ErrorCode, GuardrelayError } from '../model/error.ts';
import type { ReadCause } from '../model/source-facts.ts';
import { type ErrorFacts, errorFacts } from './error-facts.ts';

/** What went wrong with a call to AWS, and what that means. */
export interface AwsFailure {
  readonly cause: ReadCause;
  readonly code: ErrorCode;
  /** One line: what was asked, what that means, what AWS said. No secrets. */
  readonly text: string;
}

export interface FailedCall {
  readonly kind: 'failed';
  readonly failure: AwsFailure;
}

export interface AwsCall {
  /** What was asked, of what: `FilterLogEvents of /aws/events/x in 111111111111 eu-west-1`. */
  readonly what: string;
  /** The call went on from a page token. */
  readonly withToken?: boolean;
}

/** No credentials could be had, so no call was made. */
export class CredentialsError extends Error {
  readonly failure: AwsFailure;

  constructor(failure: AwsFailure, cause: unknown) {
    super(failure.text, { cause });
    this.name = 'CredentialsError';
    this.failure = failure;
  }
}

const MEANINGS: Readonly<Record<ReadCause, { readonly code: ErrorCode; readonly means: string }>> = {
  throttled: { code: 'AWS-001', means: 'AWS throttles these calls' },
  denied: { code: 'AUTH-006', means: 'AWS refuses this call' },
  'region-off': {
    code: 'REG-001',
    means: 'this region does not know the credentials: it may not be enabled in the account',
  },
  unreachable: { code: 'NET-001', means: 'the endpoint cannot be reached' },
  'no-group': { code: 'LOG-001', means: 'the log group does not exist' },
  'wrong-class': { code: 'LOG-001', means: 'the log group is not of class STANDARD, so it cannot be read' },
  kms: { code: 'LOG-005', means: 'AWS cannot read the group, most likely because of its KMS key' },
  credentials: { code: 'AUTH-007', means: 'the credentials are not valid or have expired' },
  token: { code: 'AWS-002', means: 'AWS refuses the page token' },
  service: { code: 'AWS-002', means: 'AWS answered with an error' },
};

/** By the name of the error. A map, because the name is whatever the far side wrote. */
const CAUSES: ReadonlyMap<string, ReadCause> = new Map([
  ['AccessDenied', 'denied'],
  ['AccessDeniedException', 'denied'],
  ['UnauthorizedOperation', 'denied'],
  ['UnrecognizedClientException', 'region-off'],
  ['InvalidClientTokenId', 'region-off'],
  ['OptInRequired', 'region-off'],
  ['RegionDisabledException', 'region-off'],
  ['ResourceNotFoundException', 'no-group'],
  ['InvalidOperationException', 'wrong-class'],
  ['ExpiredToken', 'credentials'],
  ['ExpiredTokenException', 'credentials'],
  ['RequestExpired', 'credentials'],
  ['InvalidSignatureException', 'credentials'],
  ['SignatureDoesNotMatch', 'credentials'],
  ['IncompleteSignature', 'credentials'],
  ['MissingAuthenticationToken', 'credentials'],
]);

/** Words for a failure with a cause that was found otherwise than from an error. */
export function describeFailure(cause: ReadCause, { what }: AwsCall, said?: string): AwsFailure {
  const { code, means } = MEANINGS[cause];
  return { cause, code, text: `${what}: ${means}${said ? ` (${said})` : ''}` };
}

/** Any error that an AWS client threw, as a value. */
export function classifyFailure(error: unknown, call: AwsCall): AwsFailure {
  if (error instanceof CredentialsError) return error.failure;
  if (error instanceof GuardrelayError) {
    return { cause: 'credentials', code: error.code, text: `${call.what}: ${error.message}` };
  }
  const facts = errorFacts(error);
  return describeFailure(causeOf(facts, call), call, facts.said);
}

/** The same for calls that fetch credentials: whatever happens there, the cause is the credentials. */
export function classifyCredentialsFailure(error: unknown, call: AwsCall): AwsFailure {
  const failure = classifyFailure(error, call);
  if (errorFacts(error).name === 'CredentialsProviderError') {
    return { ...failure, cause: 'credentials', code: 'AUTH-001' };
  }
  return { ...failure, cause: 'credentials', code: credentialsCode(failure) };
}

function credentialsCode({ cause, code }: AwsFailure): ErrorCode {
  if (cause === 'denied' || cause === 'kms') return 'AUTH-002';
  return cause === 'region-off' ? 'AUTH-007' : code;
}

/** Whether an error says that a session has ended, so that a new one may help. */
export function isExpired(error: unknown): boolean {
  return ['ExpiredToken', 'ExpiredTokenException'].includes(errorFacts(error).name);
}

function causeOf(facts: ErrorFacts, { withToken = false }: AwsCall): ReadCause {
  if (facts.isThrottling) return 'throttled';
  if (facts.name === 'InvalidParameterException') return invalidParameterCause(facts, withToken);
  return CAUSES.get(facts.name) ?? (facts.isNetwork ? 'unreachable' : 'service');
}

/** Our parameters are right, so it is the token, the class of the group or its key. */
function invalidParameterCause({ said }: ErrorFacts, withToken: boolean): ReadCause {
  if (/log group class|infrequent/i.test(said)) return 'wrong-class';
  return withToken ? 'token' : 'kms';
}
