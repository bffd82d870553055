import type { FailedCall } from '../../aws/failure.ts';
import type { LogEvent } from '../../model/log-event.ts';
import { failedCall } from './auth.ts';
import { type Check, type CheckResult, PASSED, unanswered } from './check.ts';
import type { CheckedPlace } from './checked-place.ts';
import type { Expected } from './expected.ts';
import { deletingGroup, deploying, listGroups, scopingPolicy } from './fixes.ts';
import { type LivePolicies, LOOK_BACK_HOURS, type RecentEvents } from './log-calls.ts';
import { putPolicy } from './log-fixes.ts';
import { policyFaults } from './log-policy.ts';
import { curedBy } from './remedy.ts';
import { checkRetention } from './retention.ts';

/** The log group: that it is there, that EventBridge may write to it, that it can be read, that it lives. */
export const LOG_CHECKS: readonly Check<CheckedPlace>[] = [
  { code: 'LOG-001', applies: hasGroup, run: checkGroup },
  { code: 'LOG-002', applies: isOurs, run: checkKept },
  { code: 'LOG-003', applies: isOurs, run: checkPolicy },
  { code: 'LOG-004', applies: hasGroup, run: checkReadable },
  { code: 'LOG-006', applies: () => true, run: checkLife },
];

/** AWS allows no more of them in one account and region. */
const MAX_ACCOUNT_POLICIES = 10;

/** The events of a spoke are in the log group of the hub, which is looked at there. */
function hasGroup({ expected }: CheckedPlace): boolean {
  return !expected.isSpoke;
}

function isOurs({ expected }: CheckedPlace): boolean {
  return expected.rules.length > 0 && !expected.isSpoke;
}

async function checkGroup(place: CheckedPlace): Promise<CheckResult> {
  const group = await place.calls.group();
  if (group.kind === 'group') return PASSED;
  if (!isAbsent(group)) return withoutGroup(group);
  return { kind: 'failed', code: 'LOG-001', found: group.failure.text, fix: groupFix(group, place) };
}

function groupFix({ failure }: FailedCall, place: CheckedPlace): string {
  const { expected } = place;
  if (!isOurs(place)) return listGroups(expected);
  return failure.cause === 'wrong-class' ? deletingGroup(expected) : deploying(expected, 'LOG-001');
}

/** Also one that cannot be read by its class: another has to be made in its place. */
function isAbsent({ failure: { cause } }: FailedCall): boolean {
  return cause === 'no-group' || cause === 'wrong-class';
}

/** Another check says more. */
function withoutGroup(failed: FailedCall): CheckResult {
  return skipped(
    isAbsent(failed)
      ? 'there is no log group that can be read (LOG-001)'
      : 'the log group cannot be read (AUTH-006, LOG-004)',
  );
}

async function checkKept(place: CheckedPlace): Promise<CheckResult> {
  const group = await place.calls.group();
  return group.kind === 'failed' ? withoutGroup(group) : checkRetention(group, place);
}

async function checkPolicy({ expected, calls }: CheckedPlace): Promise<CheckResult> {
  const live = await calls.policies();
  if (live.kind === 'failed') return unanswered(live, 'logs:DescribeResourcePolicies');
  const { ofAccount, ofGroup } = live;
  const inUse = `${ofAccount.length} of the ${MAX_ACCOUNT_POLICIES} policies of the account are in use`;
  const faults = policyFaults(
    [...ofAccount, ...ofGroup].map(({ document }) => document),
    expected,
  );
  if (faults.length === 0) return { kind: 'passed', found: inUse };
  const failure = { kind: 'failed', code: 'LOG-003', found: faults.join('; ') } as const;
  if (isFull(live, expected)) {
    return { ...failure, found: `${failure.found}; ${inUse}`, fix: scopingPolicy(expected) };
  }
  const group = await calls.group();
  const isDeployed = group.kind !== 'failed' || !isAbsent(group);
  // The stack brings the policy with it.
  if (!isDeployed) return { ...failure, fix: deploying(expected, 'LOG-003') };
  return { ...failure, ...curedBy([putPolicy(expected, ofGroup[0]?.revision)]) };
}

/** No policy of the account can be added, and ours is to be one. */
function isFull({ ofAccount }: LivePolicies, { policyName, policyScope }: Expected): boolean {
  const isOneOfThem = ofAccount.some(({ name }) => name === policyName);
  return policyScope === 'account' && ofAccount.length >= MAX_ACCOUNT_POLICIES && !isOneOfThem;
}

async function checkReadable({ calls }: CheckedPlace): Promise<CheckResult> {
  const recent = await calls.recent();
  if (recent.kind === 'events') return PASSED;
  const group = await calls.group();
  const isKnown = group.kind === 'failed' && group.failure.cause === recent.failure.cause;
  return isKnown || isAbsent(recent) ? withoutGroup(recent) : failedCall(recent);
}

async function checkLife({ expected, calls }: CheckedPlace): Promise<CheckResult> {
  if (expected.heartbeat === 'off') return skipped('without heartbeats silence proves nothing');
  const recent = await calls.recent();
  if (recent.kind === 'failed') return withoutGroup(recent);
  const { heartbeat, isCut, now } = recent;
  if (heartbeat && now - heartbeat.timestamp <= expected.silentAfterMs) {
    return { kind: 'passed', found: lifeText(heartbeat, recent) };
  }
  if (isCut) return skipped('more events came lately than are searched for a heartbeat');
  const group = await calls.group();
  if (group.kind === 'group' && now - group.creationTime < expected.pendingMs) {
    const why = 'the log group is new: its first heartbeat may still come';
    return { kind: 'skipped', why, isPending: true };
  }
  const last = heartbeat ? `the last one came ${ageText(heartbeat, now)} ago` : NO_HEARTBEAT;
  return {
    kind: 'failed',
    code: 'LOG-006',
    found: `the heartbeat is missing: ${last}`,
    fix: `Repair what the other checks found in ${expected.source.region}, then wait for the next heartbeat.`,
  };
}

const NO_HEARTBEAT = `none came within ${LOOK_BACK_HOURS} hours`;

function skipped(why: string): CheckResult {
  return { kind: 'skipped', why };
}

function lifeText(heartbeat: LogEvent, { other, now }: RecentEvents): string {
  const event = other ? `last event ${ageText(other, now)} ago` : 'no other event since then';
  return `last heartbeat ${ageText(heartbeat, now)} ago, ${event}`;
}

function ageText({ timestamp }: LogEvent, now: number): string {
  const minutes = Math.max(0, Math.floor((now - timestamp) / 60_000));
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
}
