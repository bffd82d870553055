import { AccountClient } from '@aws-sdk/client-account';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { GuardDutyClient } from '@aws-sdk/client-guardduty';
import { STSClient } from '@aws-sdk/client-sts';

import type { Clock } from '../model/clock.ts';
import type { SecretReader } from '../model/secret.ts';
import type { CredentialScope } from './credential-scope.ts';
import { createCredentials, type IdentitySource } from './credentials.ts';
import type { IdentityCache } from './identity-cache.ts';
import { createLru } from './lru.ts';
import { homeRegion, type Partition } from './regions.ts';
import { createTransport } from './transport.ts';

/**
 * AWS clients, made when they are first asked for and kept for reuse. One client belongs to one credential scope
 * and region: a client that switched accounts would go on signing with the first one's key, because the SDK
 * memoizes credentials per client.
 */
export interface AwsClients {
  logs(scope: CredentialScope, region: string): CloudWatchLogsClient;
  cloudformation(scope: CredentialScope, region: string): CloudFormationClient;
  guardduty(scope: CredentialScope, region: string): GuardDutyClient;
  sts(scope: CredentialScope, region: string): STSClient;
  /** The account service has one endpoint per partition. */
  account(scope: CredentialScope): AccountClient;
  /** What the clients of this scope sign with. */
  credentials(scope: CredentialScope): IdentityCache;
  /** Cuts every connection. Safe twice. */
  close(): Promise<void>;
}

export interface AwsClientsOptions {
  readonly clock: Clock;
  readonly random?: () => number;
  readonly readSecret: SecretReader;
  /** Stands in the session names that the customers' CloudTrail shows. */
  readonly agentId: string;
  /** Of guardrelay, for the user agent. */
  readonly version: string;
  /** An emulator instead of AWS. The variable AWS_ENDPOINT_URL works too: the SDK reads it. */
  readonly endpointUrl?: string;
  /** The agent's own credentials; absent: what the SDK finds in its surroundings. */
  readonly ownCredentials?: IdentitySource;
  /** Tries of one call inside the SDK, the first one included. */
  readonly maxAttempts?: number;
  readonly maxSocketsPerHost?: number;
  /** Per service; a client takes about 14 KiB. */
  readonly maxClients?: number;
}

export function createAwsClients(options: AwsClientsOptions): AwsClients {
  const { maxAttempts = 3, maxSocketsPerHost = 32, maxClients = 10_000 } = options;
  const transport = createTransport(maxSocketsPerHost);
  const surroundings = readSurroundings();
  const credentials = createCredentials({
    ...options,
    random: options.random ?? Math.random,
    ownSts: (partition) => sts(ownScope(partition), homeRegion(partition)),
  });
  const pools = {
    logs: createLru<CloudWatchLogsClient>(maxClients),
    cloudformation: createLru<CloudFormationClient>(maxClients),
    guardduty: createLru<GuardDutyClient>(maxClients),
    sts: createLru<STSClient>(maxClients),
    account: createLru<AccountClient>(maxClients),
  };

  function settings(scope: CredentialScope, region: string) {
    return {
      ...surroundings,
      region,
      credentials: signingProvider(credentials.of(scope)),
      requestHandler: transport.requestHandler,
      maxAttempts,
      customUserAgent: `guardrelay/${options.version}`,
      ...(options.endpointUrl ? { endpoint: options.endpointUrl } : {}),
    };
  }

  function sts(scope: CredentialScope, region: string): STSClient {
    return pools.sts.get(key(scope, region), () => new STSClient(settings(scope, region)));
  }

  return {
    logs: (scope, region) =>
      pools.logs.get(key(scope, region), () => new CloudWatchLogsClient(settings(scope, region))),
    cloudformation: (scope, region) =>
      pools.cloudformation.get(key(scope, region), () => new CloudFormationClient(settings(scope, region))),
    guardduty: (scope, region) =>
      pools.guardduty.get(key(scope, region), () => new GuardDutyClient(settings(scope, region))),
    sts,
    account(scope) {
      const region = homeRegion(scope.partition);
      return pools.account.get(key(scope, region), () => new AccountClient(settings(scope, region)));
    },
    credentials: credentials.of,
    close: transport.close,
  };
}

/**
 * What the SDK looks up in the environment and the shared files, looked up once for all clients: one that looks
 * by itself takes about twice the time to be made and to send its first call.
 */
function readSurroundings() {
  const { config } = new CloudWatchLogsClient({ region: homeRegion('aws') });
  const { useFipsEndpoint, useDualstackEndpoint, retryMode, userAgentAppId } = config;
  return { useFipsEndpoint, useDualstackEndpoint, retryMode, userAgentAppId };
}

/** `memoized` tells the SDK to ask each time instead of keeping a copy per client: the cache decides. */
function signingProvider(cache: IdentityCache) {
  return Object.assign(() => cache.get(), { memoized: true });
}

function key({ customer, account, auth }: CredentialScope, region: string): string {
  return JSON.stringify([customer, account, auth, region]);
}

function ownScope(partition: Partition): CredentialScope {
  return { customer: '', account: '', partition, auth: { type: 'default' } };
}
