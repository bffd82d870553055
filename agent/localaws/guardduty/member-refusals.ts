import type { Member } from './members.ts';

/** What stands in `UnprocessedAccounts[].Result`. */
export type Refusal = string;

interface Sight {
  readonly found: Member | undefined;
  /** There are as many members as there may be. */
  readonly isFull: boolean;
  /** The administrator named itself. */
  readonly isSelf: boolean;
}

const because = (reason: string): Refusal => `The request is rejected because ${reason}`;

/** Those of AWS that users have reported, word for word; the last two are documented rules in words of our own. */
const REFUSALS = {
  known: because('the given account ID is already a member or associated member of the current account.'),
  invited: because(
    'the current account has already invited or is already the GuardDuty master of the given member account ID.',
  ),
  stranger: because('the given account ID is not an associated member of account the current account.'),
  full: because('the current account has reached the maximum number of member accounts.'),
  organization: because('the given account ID was added through an organization and cannot be invited.'),
};

const CAN_BE_INVITED = ['Created', 'Removed', 'Resigned'];
/** Members, and who may become one without another word of the administrator. */
export const ASSOCIATED: readonly string[] = ['Enabled', 'Disabled', 'Invited'];

/** Why GuardDuty does not do this to a member; undefined: it does. */
export function refusalOf(
  question: 'create' | 'invite' | 'change' | 'delete',
  { found, isFull, isSelf }: Sight,
): Refusal | undefined {
  switch (question) {
    case 'create':
      return createRefusal({ found, isFull, isSelf });
    case 'invite':
      return inviteRefusal(found);
    case 'change':
      return found && ASSOCIATED.includes(found.status) ? undefined : REFUSALS.stranger;
    case 'delete':
      return found ? undefined : REFUSALS.stranger;
  }
}

/** Accounts of an organization that were let go are taken in by being created again (CreateMembers). */
function createRefusal({ found, isFull, isSelf }: Sight): Refusal | undefined {
  if (isSelf) return REFUSALS.known;
  if (!found) return isFull ? REFUSALS.full : undefined;
  const isBack = found.isOfOrganization === true && CAN_BE_INVITED.includes(found.status);
  return isBack ? undefined : REFUSALS.known;
}

function inviteRefusal(found: Member | undefined): Refusal | undefined {
  if (!found) return REFUSALS.stranger;
  if (found.isOfOrganization === true) return REFUSALS.organization;
  return CAN_BE_INVITED.includes(found.status) ? undefined : REFUSALS.invited;
}
