import type { Session, User } from '../../../model/actor.ts';
import { filled } from '../../present.ts';
import { accountOf } from './account.ts';
import { filledList } from './attribute.ts';

/** OCSF has no numbers for AWS's kinds of principals. */
const OTHER = 99;

function credentialsOf({ accessKeyId }: User) {
  return accessKeyId === undefined ? undefined : [{ uid: accessKeyId }];
}

function userOf(user: User) {
  const { name, id, arn, type } = user;
  const account = accountOf(user.account, user.accountName);
  if ((name ?? id ?? arn ?? account) === undefined) return undefined;
  return {
    name,
    uid: arn ?? id,
    uid_alt: arn === undefined ? undefined : id,
    type_id: type === undefined ? undefined : OTHER,
    type,
    account,
    groups: filledList(user.groups.map((group) => ({ name: group }))),
    programmatic_credentials: credentialsOf(user),
  };
}

function sessionOf({ id, issuer, created, isMfa }: Session) {
  return filled({ uid: id, issuer, created_time: created, is_mfa: isMfa });
}

/** Who acted, as far as anything is known of them. */
export function actorOf(user: User | undefined, session?: Session) {
  return filled({ user: user && userOf(user), session: session && sessionOf(session) });
}
