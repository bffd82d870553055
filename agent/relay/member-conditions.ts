import type { ErrorCode } from '../model/error.ts';
import { type MemberFacts, needsAttention } from '../model/member-facts.ts';
import type { MemberStatus } from '../model/member-status.ts';
import type { Condition } from '../notify/condition.ts';
import type { LastingType } from '../notify/event-types.ts';
import type { Names } from './source-conditions.ts';

/** What a status is told as; absent: it is well, or nobody knows what it is. */
const TOLD: Readonly<Partial<Record<MemberStatus, readonly [LastingType, ErrorCode]>>> = {
  resigned: ['member.resigned', 'MEM-004'],
  removed: ['member.removed', 'MEM-004'],
  paused: ['member.paused', 'MEM-002'],
  failed: ['member.failed', 'MEM-003'],
  invited: ['member.invitation-old', 'MEM-001'],
  created: ['member.invitation-old', 'MEM-001'],
  unavailable: ['member.unavailable', 'GD-004'],
};

/** What is wrong with members of GuardDuty, each in each region. */
export function memberConditions(
  members: readonly MemberFacts[],
  names: Names,
  now: number,
): readonly Condition[] {
  return members.flatMap((member): readonly Condition[] => {
    const told = TOLD[member.status];
    const isTold = member.status === 'unavailable' || needsAttention(member, now);
    if (!told || !isTold) return [];
    const [type, code] = told;
    const { customer, administrator, region, account, text, since } = member;
    return [
      {
        ...{ type, code, region },
        subject: `member/${customer}/${administrator}/${region}/${account}`,
        customers: [names.customer(customer)],
        account: names.account(customer, account),
        cause: `${customer}/${type}/${code}`,
        reason: `GuardDuty of administrator ${administrator} says: ${text}`,
        ...(since !== undefined && { since }),
      },
    ];
  });
}
