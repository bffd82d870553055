import type { CheckedAccount } from './auth.ts';
import type { CallerCalls } from './caller-calls.ts';
import { type Check, type CheckResult, unanswered } from './check.ts';

/** What the agent signs with, before it assumes any role: how old, and until when. */
export const SIGNER_CHECKS: readonly Check<CheckedAccount>[] = [
  { code: 'AUTH-004', applies: () => true, run: checkKey },
  { code: 'AUTH-007', applies: () => true, run: checkSession },
];

const DAY_MS = 86_400_000;
/** CIS AWS Foundations Benchmark 3.0, recommendation 1.14. */
const OLD_DAYS = 90;

function checkKey({ calls, now }: CheckedAccount): Promise<CheckResult> {
  return judgeKey(calls.first, now());
}

/** Whether the access key that signs should be replaced by now. `now` in epoch ms. */
export async function judgeKey(
  calls: Pick<CallerCalls, 'signer' | 'key'>,
  now: number,
): Promise<CheckResult> {
  const signer = await calls.signer();
  if (signer.kind === 'failed') return NO_CREDENTIALS;
  if (signer.isSession) return { kind: 'passed', found: 'no key of a user signs, but a session' };
  const key = await calls.key();
  switch (key.kind) {
    case 'failed':
      return unanswered(key, key.right);
    case 'missing':
      return { kind: 'skipped', why: 'AWS does not list the key that signs' };
    case 'key': {
      const { user, createdAt } = key;
      const days = Math.floor((now - createdAt) / DAY_MS);
      const found = `the access key of user ${user} is ${days} days old`;
      if (days <= OLD_DAYS) return { kind: 'passed', found };
      const fix = `aws iam create-access-key --user-name ${user}   (then replace the old one: docs/errors/AUTH-004.md)`;
      return { kind: 'warned', code: 'AUTH-004', found, fix };
    }
  }
}

/** The sessions of reader roles need no check: an hour is what role chaining allows, and each is renewed in time. */
async function checkSession({ calls }: CheckedAccount): Promise<CheckResult> {
  const signer = await calls.first.signer();
  if (signer.kind === 'failed') return NO_CREDENTIALS;
  if (!signer.isSession) return { kind: 'passed', found: 'a key signs, which does not end' };
  if (signer.endsAt !== undefined) return { kind: 'passed', found: 'a session signs, which is renewed' };
  return {
    kind: 'warned',
    code: 'AUTH-007',
    found: 'a session signs that nobody renews: when it ends, everything that is read with it stands still',
    fix: 'Give the agent credentials that renew themselves: docs/errors/AUTH-007.md',
  };
}

const NO_CREDENTIALS: CheckResult = { kind: 'skipped', why: 'the credentials do not work (AUTH-001)' };
