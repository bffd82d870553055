import type { Actor, Process, Session, User } from '../../model/actor.ts';
import type { JsonObject } from '../../model/json.ts';
import { accountOf, integerOf, objectOf, objectsOf, textOf, textsOf } from '../lenient.ts';
import { filled, present } from '../present.ts';
import { ms } from '../time.ts';
import { sha256Of } from './file.ts';

type UserFields = { readonly [Field in Exclude<keyof User, 'groups'>]?: string | undefined };

function userWith(fields: UserFields, groups: readonly string[] = []): User | undefined {
  const known = filled(present(fields));
  return known && { ...known, groups };
}

/** `resource.accessKeyDetails`. */
export function keyUser(details: JsonObject): User | undefined {
  return userWith({
    name: textOf(details.userName),
    id: textOf(details.principalId),
    type: textOf(details.userType),
    accessKeyId: textOf(details.accessKeyId),
  });
}

/** `resource.kubernetesDetails.kubernetesUserDetails`. */
export function k8sUser(details: JsonObject): User | undefined {
  return userWith({ name: textOf(details.username), id: textOf(details.uid) }, textsOf(details.groups));
}

/** A user of a database has a name only. */
export function databaseUser(name: unknown): User | undefined {
  return userWith({ name: textOf(name) });
}

function sequenceUser(user: JsonObject): User | undefined {
  const account = objectOf(user.account);
  return userWith({
    name: textOf(user.name),
    id: textOf(user.uid),
    type: textOf(user.type),
    account: accountOf(account.uid),
    accountName: textOf(account.account),
    accessKeyId: textOf(user.credentialUid),
  });
}

function mfaOf(session: JsonObject): boolean | undefined {
  // MfAStatus is how one form of the SDK writes it.
  const status = textOf(session.mfaStatus ?? session.mfAStatus);
  return status === undefined ? undefined : status === 'ENABLED';
}

function sessionOf(session: JsonObject): Session | undefined {
  return filled(
    present({
      id: textOf(session.uid),
      issuer: textOf(session.issuer),
      created: ms(session.createdTime),
      isMfa: mfaOf(session),
    }),
  );
}

/** One of the actors of an attack sequence. */
export function sequenceActor(actor: JsonObject): Actor {
  const { name, path, sha256 } = objectOf(actor.process);
  const named = filled(present({ name: textOf(name), path: textOf(path), sha256: sha256Of(sha256) }));
  return present({
    id: textOf(actor.id),
    user: sequenceUser(objectOf(actor.user)),
    session: sessionOf(objectOf(actor.session)),
    process: named && { ...named, ancestors: [] },
  });
}

function processFields(process: JsonObject): Omit<Process, 'ancestors'> {
  return present({
    name: textOf(process.name),
    pid: integerOf(process.pid),
    namespacePid: integerOf(process.namespacePid),
    uuid: textOf(process.uuid),
    parentUuid: textOf(process.parentUuid),
    path: textOf(process.executablePath),
    sha256: sha256Of(process.executableSha256),
    workingDirectory: textOf(process.pwd),
    started: ms(process.startTime),
    userName: textOf(process.user),
    userId: integerOf(process.userId),
    effectiveUserId: integerOf(process.euid),
  });
}

/** `service.runtimeDetails.process`. */
export function processOf(process: JsonObject): Process | undefined {
  const fields = filled(processFields(process));
  if (!fields) return undefined;
  const lineage = objectsOf(process.lineage).map((one) => ({ ...processFields(one), ancestors: [] }));
  return { ...fields, ancestors: lineage };
}
