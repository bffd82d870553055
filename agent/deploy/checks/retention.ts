import type { LogGroup } from '../../aws/logs-answer.ts';
import { type CheckResult, PASSED, unanswered } from './check.ts';
import type { CheckedPlace } from './checked-place.ts';
import type { Expected } from './expected.ts';
import { putAccountRetention } from './fixes.ts';
import { putRetention } from './log-fixes.ts';
import { curedBy } from './remedy.ts';
import type { RetentionPolicy } from './retention-calls.ts';

/**
 * How long the log group keeps its events now, and from tomorrow on. AWS shows what is in force; a policy of the
 * account goes before the setting of the group, even with less, and comes into force 24 hours after it was made.
 */
export async function checkRetention(
  group: LogGroup,
  { expected, calls }: CheckedPlace,
): Promise<CheckResult> {
  const { retentionDays: days = Number.POSITIVE_INFINITY, retentionPolicy: inForce } = group;
  const isShort = days < expected.retentionDays;
  const account = await calls.accountRetention();
  const coming = account.kind === 'failed' ? undefined : longest(account.policies, group, expected);
  if (coming && coming.days < expected.retentionDays) return policyIsShort(coming, inForce, expected);
  if (coming) return isShort ? mending(coming.name, days, expected) : PASSED;
  if (isShort && inForce !== undefined) return policyIsShort({ name: inForce, days }, inForce, expected);
  if (isShort) return groupIsShort(days, expected);
  return account.kind === 'failed' ? unanswered(account, account.right) : PASSED;
}

/** Of those that are for this log group. */
function longest(
  policies: readonly RetentionPolicy[],
  { creationTime, retentionPolicy }: LogGroup,
  { source }: Expected,
): RetentionPolicy | undefined {
  const [first] = policies
    .filter(({ prefixes }) => prefixes.some((prefix) => source.logGroup.startsWith(prefix)))
    .filter(
      ({ name, isRetroactive, changedAt }) =>
        isRetroactive || name === retentionPolicy || creationTime > changedAt,
    )
    .toSorted((one, other) => other.days - one.days);
  return first;
}

function groupIsShort(days: number, expected: Expected): CheckResult {
  const found = `the log group keeps events for ${days} days, the configuration says ${expected.retentionDays}`;
  return { kind: 'failed', code: 'LOG-002', found, ...curedBy([putRetention(expected)]) };
}

function policyIsShort(
  { name, days }: Pick<RetentionPolicy, 'name' | 'days'>,
  inForce: string | undefined,
  expected: Expected,
): CheckResult {
  const policy = `the account-level retention policy ${name}`;
  const keeps = name === inForce ? `${policy} keeps` : `within 24 hours ${policy} will keep`;
  const found = `${keeps} events of the log group for ${days} days, whatever the group itself says; the configuration says ${expected.retentionDays}`;
  return { kind: 'failed', code: 'LOG-002', found, fix: putAccountRetention(expected) };
}

function mending(policy: string, days: number, { retentionDays }: Expected): CheckResult {
  return {
    kind: 'warned',
    code: 'LOG-002',
    found: `the log group keeps events for ${days} days, the configuration says ${retentionDays}: the account-level retention policy ${policy} comes into force within 24 hours`,
    fix: 'Wait a day: a retention policy comes into force 24 hours after it was made or changed.',
  };
}
