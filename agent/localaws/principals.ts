import { createHash } from 'node:crypto';

import { isAllowed } from './policy.ts';
import { createRoles, SESSION_ARN } from './roles.ts';
import { AwsError } from './service.ts';
import type { Keys, Principals, World } from './world.ts';

/** What an access key stands for. */
interface Identity {
  readonly account: string;
  readonly arn: string;
  /** Epoch ms. */
  readonly createdAt: number;
  /** Sessions only, as the expiration is (epoch ms). */
  readonly sessionToken?: string;
  expiration?: number;
}

function issueKeys(prefix: 'AKIA' | 'ASIA', seed: string): Keys {
  const digest = createHash('sha256').update(seed).digest();
  return {
    accessKeyId: prefix + digest.toString('hex', 0, 8).toUpperCase(),
    secretAccessKey: digest.toString('base64url', 2),
  };
}

/** Users, roles and their sessions; nobody to begin with. */
export function createPrincipals({
  clock,
  accounts,
  nextId,
}: Pick<World, 'clock' | 'accounts' | 'nextId'>): Principals {
  const identities = new Map<string, Identity>();
  const roles = createRoles();
  const userArn = (account: string, name: string): string =>
    `arn:${accounts.partition(account)}:iam::${account}:user/${name}`;

  return {
    addUser(account, name) {
      const keys = issueKeys('AKIA', nextId());
      const arn = userArn(account, name);
      identities.set(keys.accessKeyId, { account, arn, createdAt: clock.now() });
      return keys;
    },
    accessKeys(account, userName) {
      const arn = userArn(account, userName);
      const own = [...identities].filter(([, identity]) => identity.arn === arn);
      return own.map(([accessKeyId, { createdAt }]) => ({ accessKeyId, createdAt }));
    },
    putRole: roles.put,
    deleteRole: roles.delete,
    role: roles.get,
    assume(caller, request) {
      const { account, name } = roles.admit(caller, request);
      const keys = issueKeys('ASIA', nextId());
      const sessionToken = createHash('sha512').update(nextId()).digest('base64');
      const expiration = clock.now() + request.durationSeconds * 1000;
      const arn = `arn:${accounts.partition(account)}:sts::${account}:assumed-role/${name}/${request.sessionName}`;
      const createdAt = clock.now();
      identities.set(keys.accessKeyId, { account, arn, createdAt, sessionToken, expiration });
      return { ...keys, sessionToken, expiration, arn };
    },
    identify(accessKeyId, sessionToken, { region, partition }) {
      const identity = identities.get(accessKeyId);
      if (!identity || identity.sessionToken !== sessionToken) return undefined;
      if (accounts.partition(identity.account) !== partition) return undefined;
      if (identity.expiration !== undefined && identity.expiration <= clock.now()) {
        throw new AwsError('ExpiredTokenException', 'The security token included in the request is expired');
      }
      return { account: identity.account, arn: identity.arn, region, partition };
    },
    allows(caller, action, access) {
      const roleName = SESSION_ARN.exec(caller.arn)?.groups?.roleName;
      if (roleName === undefined) return true;
      return isAllowed(roles.policies(caller.account, roleName), { ...access, action });
    },
    expireSessions(account) {
      for (const identity of identities.values()) {
        if (identity.account === account && identity.sessionToken) identity.expiration = clock.now();
      }
    },
  };
}
