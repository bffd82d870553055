import { memberStatus } from '../model/member-status.ts';
import {
  acceptInvitation,
  createDetector,
  type Desk,
  findAdministrator,
  findDetector,
  listInvitations,
} from './desk.ts';

/** What became of the invitation of one account in one region. */
export interface AcceptResult {
  readonly account: string;
  readonly region: string;
  readonly outcome:
    | 'accepted'
    /** It is a member of the right administrator already. */
    | 'enabled'
    /** The right administrator has not invited it. */
    | 'not-invited'
    /** GuardDuty is off, and nobody agreed to pay for it. */
    | 'no-detector'
    | 'refused';
  readonly reason?: string;
}

export interface AcceptWish {
  /** Accounts whose invitation may be accepted; all others are left alone. */
  readonly administrators: readonly string[];
  /** Switch GuardDuty on where it is off: it costs money. */
  readonly createsDetector: boolean;
}

type Answer = Omit<AcceptResult, 'account' | 'region'>;

/** Makes an account a member, seen from the account itself. */
export async function acceptAt(desk: Desk, wish: AcceptWish): Promise<AcceptResult> {
  const { scope, region } = desk;
  return { account: scope.account, region, ...(await tryToAccept(desk, wish)) };
}

async function tryToAccept(desk: Desk, wish: AcceptWish): Promise<Answer> {
  const known = await findDetector(desk);
  if (known.kind === 'failed') return refused(known.failure.text);
  const settled = known.kind === 'detector' ? await membership(desk, known.id, wish) : undefined;
  if (settled) return settled;
  const found = await findInvitation(desk, wish);
  if (found.kind === 'none') return found.answer;
  if (known.kind === 'missing' && !wish.createsDetector) {
    return { outcome: 'no-detector', reason: 'GuardDuty is off in the account' };
  }
  const detector = known.kind === 'missing' ? await createDetector(desk) : known;
  if (detector.kind === 'failed') return refused(detector.failure.text);
  const accepted = await acceptInvitation(desk, { ...found, detector: detector.id });
  return accepted.kind === 'failed' ? refused(accepted.failure.text) : { outcome: 'accepted' };
}

/** Undefined: the account is nobody's member yet. */
async function membership(desk: Desk, detector: string, wish: AcceptWish): Promise<Answer | undefined> {
  const administrator = await findAdministrator(desk, detector);
  if (administrator.kind === 'failed') return refused(administrator.failure.text);
  const { account } = administrator;
  if (account === undefined) return undefined;
  if (wish.administrators.includes(account)) return { outcome: 'enabled' };
  return refused(`it is a member of account ${account} already`);
}

type Found =
  | { readonly kind: 'found'; readonly administrator: string; readonly invitation: string }
  | { readonly kind: 'none'; readonly answer: Answer };

async function findInvitation(desk: Desk, { administrators }: AcceptWish): Promise<Found> {
  const listed = await listInvitations(desk);
  if (listed.kind === 'failed') return { kind: 'none', answer: refused(listed.failure.text) };
  const open = listed.invitations.filter(
    ({ RelationshipStatus = '' }) => memberStatus(RelationshipStatus) === 'invited',
  );
  const ours = open.find(({ AccountId = '' }) => administrators.includes(AccountId));
  const { AccountId: administrator, InvitationId: invitation } = ours ?? {};
  if (administrator !== undefined && invitation !== undefined) {
    return { kind: 'found', administrator, invitation };
  }
  const strangers = open.map(({ AccountId }) => AccountId).join(' ');
  const left = strangers === '' ? '' : `; the invitation of ${strangers} is left alone: not of this customer`;
  const reason = `not invited by ${administrators.join(' or ')}${left}`;
  return { kind: 'none', answer: { outcome: 'not-invited', reason } };
}

function refused(reason: string): Answer {
  return { outcome: 'refused', reason };
}
