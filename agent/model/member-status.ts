/** What it means for an administrator of GuardDuty that an account is listed among its members. */
export type MemberStatus =
  /** Known, never invited. */
  | 'created'
  | 'invited'
  | 'enabled'
  /** The administrator stopped to look at it. */
  | 'paused'
  /** It left by itself. */
  | 'resigned'
  /** The administrator let it go. */
  | 'removed'
  /** It cannot be invited under this e-mail address. */
  | 'failed'
  /** The account or its region is off: there is nothing to find. */
  | 'unavailable'
  | 'unknown';

/** The texts of GuardDuty, and those of Macie and Inspector where theirs mean the same, in lower case. */
const TEXTS: Readonly<Record<Exclude<MemberStatus, 'unknown'>, readonly string[]>> = {
  created: ['created', 'invite'],
  invited: ['invited', 'pending', 'emailverificationinprogress'],
  enabled: ['enabled', 'monitored'],
  paused: ['disabled', 'paused'],
  resigned: ['resigned'],
  removed: ['removed', 'deleted'],
  failed: ['emailverificationfailed'],
  unavailable: ['accountsuspended', 'regiondisabled'],
};

const STATUSES: ReadonlyMap<string, MemberStatus> = new Map(
  (
    ['created', 'invited', 'enabled', 'paused', 'resigned', 'removed', 'failed', 'unavailable'] as const
  ).flatMap((status) => TEXTS[status].map((text) => [text, status] as const)),
);

/** Of a relationship status, which on AWS is a free text, written in more than one way. */
export function memberStatus(text: string): MemberStatus {
  return STATUSES.get(text.toLowerCase()) ?? 'unknown';
}
