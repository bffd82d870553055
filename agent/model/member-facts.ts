import type { MemberStatus } from './member-status.ts';

/** One account, as an administrator of GuardDuty has it in one region. */
export interface MemberFacts {
  readonly customer: string;
  readonly administrator: string;
  readonly region: string;
  readonly account: string;
  readonly email?: string | undefined;
  readonly status: MemberStatus;
  /** AWS's own word. */
  readonly text: string;
  /** Epoch ms of the last change, by AWS's clock; absent: AWS does not tell. */
  readonly since?: number | undefined;
}

/** The worst first. */
export const MEMBER_STATUSES = [
  'resigned',
  'removed',
  'paused',
  'failed',
  'unknown',
  'invited',
  'created',
  'unavailable',
  'enabled',
] as const satisfies readonly MemberStatus[];

/** Its findings do not come, and they do not come by waiting. */
const NEEDS_ACTION: readonly MemberStatus[] = ['resigned', 'removed', 'paused', 'failed'];

/** An invitation that nobody has sent or accepted for so long is forgotten by somebody. */
export const INVITATION_OLD_MS = 7 * 86_400_000;

export function needsAttention(
  { status, since = Number.POSITIVE_INFINITY }: MemberFacts,
  now: number,
): boolean {
  if (status === 'created' || status === 'invited') return now - since > INVITATION_OLD_MS;
  return status === 'unknown' || NEEDS_ACTION.includes(status);
}

/** The worst of some statuses. */
export function worstStatus(members: readonly Pick<MemberFacts, 'status'>[]): MemberStatus {
  return MEMBER_STATUSES.find((status) => members.some((member) => member.status === status)) ?? 'unknown';
}

/** How many accounts there are of each status, each counted once, as what it is where it is worst. */
export function countMembers(members: readonly MemberFacts[]): Readonly<Record<MemberStatus, number>> {
  const worst = [...Map.groupBy(members, ({ account }) => account).values()].map(worstStatus);
  const count = (status: MemberStatus): number => worst.filter((each) => each === status).length;
  return {
    resigned: count('resigned'),
    removed: count('removed'),
    paused: count('paused'),
    failed: count('failed'),
    unknown: count('unknown'),
    invited: count('invited'),
    created: count('created'),
    unavailable: count('unavailable'),
    enabled: count('enabled'),
  };
}
