import { roleArnFor } from '../../aws/assume-role.ts';
import type { CredentialScope } from '../../aws/credential-scope.ts';
import type { AwsFailure, FailedCall } from '../../aws/failure.ts';
import type { ReadCause } from '../../model/source-facts.ts';
import type { AccountCalls } from './account-calls.ts';
import type { Caller } from './caller-calls.ts';
import { type Check, type CheckResult, type FailedCheck, PASSED } from './check.ts';
import type { CheckedPlace } from './checked-place.ts';

/** One account that is read, and how to ask about it. */
export interface CheckedAccount {
  readonly scope: CredentialScope;
  readonly calls: AccountCalls;
  /** Epoch ms. */
  now(): number;
}

/** The credentials, account by account. */
export const ACCOUNT_CHECKS: readonly Check<CheckedAccount>[] = [
  { code: 'AUTH-001', applies: () => true, run: checkCaller },
  { code: 'AUTH-002', applies: ({ scope }) => scope.auth.type === 'assumeRole', run: checkAssumeRole },
  { code: 'AUTH-003', applies: ({ scope }) => scope.auth.type === 'assumeRole', run: checkExternalId },
  { code: 'AUTH-005', applies: () => true, run: checkClock },
];

/** The credentials, region by region: a service control policy may forbid a single one. */
export const READ_CHECK: Check<CheckedPlace> = {
  code: 'AUTH-006',
  applies: ({ expected }) => !expected.isSpoke,
  run: checkRead,
};

async function checkCaller({ scope, calls }: CheckedAccount): Promise<CheckResult> {
  const first = await calls.first.caller();
  if (first.kind === 'failed') return failedCall(first);
  const reader = await calls.reader.caller();
  return isStranger(reader, scope) ? wrongAccount(reader, scope) : { kind: 'passed', found: first.arn };
}

function isStranger(reader: Caller | FailedCall, { account }: CredentialScope): reader is Caller {
  return reader.kind === 'caller' && reader.account !== account;
}

function wrongAccount({ account, arn }: Caller, scope: CredentialScope): FailedCheck {
  return {
    kind: 'failed',
    code: 'AUTH-001',
    found: `account ${scope.account} is read as ${arn}, which belongs to account ${account}`,
    fix: `Name credentials of ${scope.account} in the auth of customer ${scope.customer}: in a roleArn, {account} stands for the account that is read.`,
  };
}

async function checkAssumeRole({ calls }: CheckedAccount): Promise<CheckResult> {
  const own = await calls.own.caller();
  if (own.kind === 'failed')
    return { kind: 'skipped', why: "the agent's own credentials do not work (AUTH-001)" };
  const reader = await calls.reader.caller();
  return reader.kind === 'failed' ? failedCall(reader) : { kind: 'passed', found: reader.arn };
}

/** The confused deputy: whoever makes the relay read with another customer's role must fail for want of its ExternalId. */
async function checkExternalId({ scope, calls }: CheckedAccount): Promise<CheckResult> {
  const { auth } = scope;
  if (auth.type !== 'assumeRole') return PASSED;
  const reader = await calls.reader.caller();
  if (reader.kind === 'failed') return { kind: 'skipped', why: 'the role lets nobody in (AUTH-002)' };
  const tried = await calls.assumeWithoutId(auth);
  if (tried.kind === 'failed') {
    const { cause, text } = tried.failure;
    return cause === 'denied' ? REFUSED_WITHOUT : { kind: 'skipped', why: text };
  }
  return {
    kind: 'failed',
    code: 'AUTH-003',
    found: `${roleArnFor(scope.account, auth)} lets the relay in without an ExternalId`,
    fix: 'Put the condition on sts:ExternalId into the trust policy of the role: guardrelay template print --for reader-role',
  };
}

const REFUSED_WITHOUT: CheckResult = {
  kind: 'passed',
  found: 'AWS refuses AssumeRole without the ExternalId',
};

const WRONG_CLOCK_MS = 60_000;

async function checkClock({ calls }: CheckedAccount): Promise<CheckResult> {
  const offsetMs = await calls.first.clockOffsetMs();
  if (offsetMs === undefined) return { kind: 'skipped', why: 'AWS did not tell its time' };
  if (Math.abs(offsetMs) <= WRONG_CLOCK_MS) return PASSED;
  const minutes = (Math.abs(offsetMs) / 60_000).toFixed(1);
  return {
    kind: 'failed',
    code: 'AUTH-005',
    found: `the clock of this host is ${minutes} min ${offsetMs > 0 ? 'behind' : 'ahead of'} that of AWS`,
    fix: 'Let this host keep its time with NTP: timedatectl set-ntp true',
  };
}

async function checkRead({ calls }: CheckedPlace): Promise<CheckResult> {
  const group = await calls.group();
  if (group.kind === 'group') return PASSED;
  const { cause } = group.failure;
  return cause === 'no-group' || cause === 'wrong-class' ? PASSED : failedCall(group);
}

/** A call that has to work, and does not. */
export function failedCall({ failure }: FailedCall): FailedCheck {
  return { kind: 'failed', code: failure.code, found: failure.text, fix: fixOf(failure) };
}

const FIXES: Readonly<Record<ReadCause, string>> = {
  throttled: 'Check again later: something else uses up the quota of this account and region.',
  denied:
    "Allow the action that AWS names to the role or user that reads the account, or take the region out of the customer's regions.",
  'region-off': "Enable the region in the account, or take it out of the customer's regions.",
  unreachable: 'Let this host reach the endpoint over HTTPS: name resolution, proxy, firewall.',
  'no-group': 'Deploy the collector.',
  'wrong-class': 'Delete the log group and deploy the collector.',
  kms: 'Enable the KMS key of the log group, and let CloudWatch Logs use it.',
  credentials: "Compare the customer's auth with what AWS says.",
  token: 'Check again.',
  service: 'Check again; if AWS goes on answering so, see its Health Dashboard.',
};

/** What the words of IAM end with where the organization forbids a call. */
const BY_ORGANIZATION = /explicit deny in a (service|resource) control policy/;

function fixOf({ cause, code, text }: AwsFailure): string {
  if (BY_ORGANIZATION.test(text))
    return "Ask whoever administers the organization to allow it there, or take the region out of the customer's regions.";
  if (code === 'AUTH-001') return 'Give the agent AWS credentials, in its environment or by its role.';
  if (code === 'AUTH-002')
    return "Compare role name, trust policy and ExternalId with the customer's auth, and with what AWS says.";
  return FIXES[cause];
}
