import type { STSClient } from '@aws-sdk/client-sts';
import { fromIni, fromNodeProviderChain } from '@aws-sdk/credential-providers';

import type { Clock } from '../model/clock.ts';
import type { SecretReader } from '../model/secret.ts';
import { assumeRole } from './assume-role.ts';
import type { AwsAuth, CredentialScope } from './credential-scope.ts';
import { CredentialsError, classifyCredentialsFailure } from './failure.ts';
import {
  createIdentityCache,
  type FetchedIdentity,
  type Identity,
  type IdentityCache,
} from './identity-cache.ts';
import type { Partition } from './regions.ts';
import type { Transport } from './transport.ts';

export type IdentitySource = () => Promise<Identity>;

export interface CredentialsOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly readSecret: SecretReader;
  readonly agentId: string;
  /** Gives the agent's own credentials; absent: what the AWS SDK finds in its surroundings. */
  readonly ownCredentials?: IdentitySource;
  /** Under the clients that the AWS SDK makes itself on its search. */
  readonly requestHandler: Transport['requestHandler'];
  /** A client at the partition's home region that signs with the agent's own credentials. */
  ownSts(partition: Partition): STSClient;
}

/** One set of credentials per (customer, account), however many regions are read with it. */
export interface Credentials {
  of(scope: CredentialScope): IdentityCache;
}

export function createCredentials(options: CredentialsOptions): Credentials {
  const { clock, random, requestHandler } = options;
  const { ownCredentials = fromNodeProviderChain({ clientConfig: { requestHandler } }) } = options;
  const caches = new Map<string, IdentityCache>();
  const own = createIdentityCache({
    clock,
    random,
    fetch: () => explained("looking for the agent's own AWS credentials", () => found(ownCredentials, clock)),
  });

  return {
    of(scope) {
      const { auth, customer, account } = scope;
      if (auth.type === 'default') return own;
      const key = JSON.stringify([customer, account, auth]);
      const cache =
        caches.get(key) ??
        createIdentityCache({ clock, random, fetch: () => fetchFor(scope, auth, options) });
      caches.set(key, cache);
      return cache;
    },
  };
}

/** Keys do not end, but whoever rotates them changes the file that a reference names. */
const KEYS_LIFETIME_MS = 10 * 60_000;

type GivenAuth = Exclude<AwsAuth, { type: 'default' }>;

function fetchFor(
  scope: CredentialScope,
  auth: GivenAuth,
  options: CredentialsOptions,
): Promise<FetchedIdentity> {
  const { clock, readSecret, agentId, ownSts, requestHandler } = options;
  switch (auth.type) {
    case 'assumeRole':
      return assumeRole(scope, auth, { sts: ownSts(scope.partition), agentId, readSecret });
    case 'keys':
      return explained(`reading the keys of ${scope.customer}`, () => readKeys(auth, readSecret));
    case 'profile':
      return explained(`reading the AWS profile ${auth.name}`, () =>
        found(fromIni({ profile: auth.name, clientConfig: { requestHandler } }), clock),
      );
  }
}

async function readKeys(
  auth: Extract<AwsAuth, { type: 'keys' }>,
  readSecret: SecretReader,
): Promise<FetchedIdentity> {
  const [accessKeyId, secretAccessKey] = await Promise.all([
    readSecret(auth.accessKeyId),
    readSecret(auth.secretAccessKey),
  ]);
  return { identity: { accessKeyId, secretAccessKey }, lifetimeMs: KEYS_LIFETIME_MS };
}

async function found(source: IdentitySource, clock: Clock): Promise<FetchedIdentity> {
  const identity = await source();
  if (!identity.expiration) return { identity };
  return { identity, lifetimeMs: Math.max(0, identity.expiration.getTime() - clock.now()) };
}

async function explained(what: string, fetch: () => Promise<FetchedIdentity>): Promise<FetchedIdentity> {
  try {
    return await fetch();
  } catch (error) {
    throw new CredentialsError(classifyCredentialsFailure(error, { what }), error);
  }
}
