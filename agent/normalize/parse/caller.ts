import type { Session, User } from '../../model/actor.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Peer } from '../../model/peer.ts';
import { accountOf, booleanOf, objectOf, textOf } from '../lenient.ts';
import { filled, present } from '../present.ts';
import { ms } from '../time.ts';
import { addressOf, ipOf } from './address.ts';

/** Who made a call that CloudTrail recorded, and from where. */
export interface Caller {
  /** In a word: a name, else an ARN, else the AWS service. */
  readonly actor?: string;
  readonly user?: User;
  readonly session?: Session;
  readonly source: Peer;
}

function issuerOf(identity: JsonObject): JsonObject {
  return objectOf(objectOf(identity.sessionContext).sessionIssuer);
}

function nameIn(identity: JsonObject): string | undefined {
  return textOf(identity.userName) ?? textOf(issuerOf(identity).userName);
}

/** A type alone names nobody: so AWS services look. */
function userOf(identity: JsonObject): User | undefined {
  const named = filled(
    present({
      name: nameIn(identity),
      id: textOf(identity.principalId),
      arn: textOf(identity.arn),
      account: accountOf(identity.accountId),
      accessKeyId: textOf(identity.accessKeyId),
    }),
  );
  return named && present({ ...named, type: textOf(identity.type), groups: [] });
}

/** CloudTrail writes true and false as text here. */
function mfaOf(value: unknown): boolean | undefined {
  return value === 'true' || value === 'false' ? value === 'true' : booleanOf(value);
}

function sessionOf(identity: JsonObject): Session | undefined {
  const { creationDate, mfaAuthenticated } = objectOf(objectOf(identity.sessionContext).attributes);
  const issuer = issuerOf(identity);
  return filled(
    present({
      issuer: textOf(issuer.arn) ?? textOf(issuer.userName),
      created: ms(creationDate),
      isMfa: mfaOf(mfaAuthenticated),
    }),
  );
}

/** Calls of AWS itself carry the name of a service, or `AWS Internal`, instead of an address. */
function sourceOf(address: unknown): Peer {
  const ip = ipOf(address);
  return ip === undefined ? present({ domain: textOf(address) }) : addressOf(ip);
}

/** The caller of a CloudTrail record. */
export function callerOf(record: JsonObject): Caller {
  const identity = objectOf(record.userIdentity);
  return present({
    actor: nameIn(identity) ?? textOf(identity.arn) ?? textOf(identity.invokedBy),
    user: userOf(identity),
    session: sessionOf(identity),
    source: sourceOf(record.sourceIPAddress),
  });
}
