import { AccountClient } from '@aws-sdk/client-account';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { GuardDutyClient } from '@aws-sdk/client-guardduty';
import type { IAMClient } from '@aws-sdk/client-iam';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { SQSClient } from '@aws-sdk/client-sqs';
import { STSClient } from '@aws-sdk/client-sts';

import type { AnsweredCall } from '../model/answered-call.ts';
import type { Clock } from '../model/clock.ts';
import type { ProxyChoice } from '../model/proxy.ts';
import type { SecretReader } from '../model/secret.ts';
import { createCallers } from './callers.ts';
import type { CredentialScope } from './credential-scope.ts';
import { createCredentials, type IdentitySource } from './credentials.ts';
import type { IdentityCache } from './identity-cache.ts';
import { homeRegion, type Partition } from './regions.ts';
import { createTransport } from './transport.ts';
import { type Watchable, watched } from './watched.ts';

/**
 * AWS clients, made when they are first asked for. Every scope shares those of a region; what is sent through the
 * one that it gets is signed with its own credentials.
 */
export interface AwsClients {
  logs(scope: CredentialScope, region: string): CloudWatchLogsClient;
  cloudformation(scope: CredentialScope, region: string): CloudFormationClient;
  cloudtrail(scope: CredentialScope, region: string): CloudTrailClient;
  cloudwatch(scope: CredentialScope, region: string): CloudWatchClient;
  eventbridge(scope: CredentialScope, region: string): EventBridgeClient;
  guardduty(scope: CredentialScope, region: string): GuardDutyClient;
  sqs(scope: CredentialScope, region: string): SQSClient;
  sts(scope: CredentialScope, region: string): STSClient;
  /** The account service has one endpoint per partition. */
  account(scope: CredentialScope): AccountClient;
  /** So has Organizations. */
  organizations(scope: CredentialScope): OrganizationsClient;
  /** And IAM, whose client weighs 3 MiB in memory: it is loaded by whoever asks for it. */
  iam(scope: CredentialScope): Promise<IAMClient>;
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
  /** Told how each request ended. */
  onCall?(call: AnsweredCall): void;
  /** Absent: no proxies. */
  readonly proxyFor?: ProxyChoice;
}

export function createAwsClients(options: AwsClientsOptions): AwsClients {
  const { maxAttempts = 3, maxSocketsPerHost = 32 } = options;
  const transport = createTransport({ maxSocketsPerHost, proxyFor: options.proxyFor });
  const credentials = createCredentials({
    ...options,
    random: options.random ?? Math.random,
    requestHandler: transport.requestHandler,
    ownSts: (partition) => sts(ownScope(partition), homeRegion(partition)),
  });
  const callers = createCallers(credentials, maxAttempts);
  const settings = {
    ...readSurroundings(),
    ...callers.settings,
    requestHandler: transport.requestHandler,
    maxAttempts,
    customUserAgent: `guardrelay/${options.version}`,
    ...(options.endpointUrl ? { endpoint: options.endpointUrl } : {}),
  };
  const { onCall = () => {} } = options;
  const watch = <C extends Watchable>(service: string, client: C): C => watched(client, service, onCall);
  const logsIn = perRegion((region) => watch('logs', new CloudWatchLogsClient({ ...settings, region })));
  const cloudformationIn = perRegion((region) =>
    watch('cloudformation', new CloudFormationClient({ ...settings, region })),
  );
  const cloudtrailIn = perRegion((region) =>
    watch('cloudtrail', new CloudTrailClient({ ...settings, region })),
  );
  const guarddutyIn = perRegion((region) => watch('guardduty', new GuardDutyClient({ ...settings, region })));
  const eventbridgeIn = perRegion((region) =>
    watch('events', new EventBridgeClient({ ...settings, region })),
  );
  const cloudwatchIn = perRegion((region) =>
    watch('monitoring', new CloudWatchClient({ ...settings, region })),
  );
  // A queue's URL names the host of AWS, which is not where an emulator answers.
  const sqsSettings = { ...settings, useQueueUrlAsEndpoint: false };
  const sqsIn = perRegion((region) => watch('sqs', new SQSClient({ ...sqsSettings, region })));
  const iamIn = perRegion(async (region) => {
    const iam = await import('@aws-sdk/client-iam');
    return watch('iam', new iam.IAMClient({ ...settings, region }));
  });
  const stsIn = perRegion((region) => watch('sts', new STSClient({ ...settings, region })));
  const accountIn = perRegion((region) => watch('account', new AccountClient({ ...settings, region })));
  const organizationsIn = perRegion((region) =>
    watch('organizations', new OrganizationsClient({ ...settings, region })),
  );

  function sts(scope: CredentialScope, region: string): STSClient {
    return callers.as(scope, stsIn(region));
  }

  return {
    logs: (scope, region) => callers.as(scope, logsIn(region)),
    cloudformation: (scope, region) => callers.as(scope, cloudformationIn(region)),
    cloudtrail: (scope, region) => callers.as(scope, cloudtrailIn(region)),
    guardduty: (scope, region) => callers.as(scope, guarddutyIn(region)),
    eventbridge: (scope, region) => callers.as(scope, eventbridgeIn(region)),
    cloudwatch: (scope, region) => callers.as(scope, cloudwatchIn(region)),
    sqs: (scope, region) => callers.as(scope, sqsIn(region)),
    sts,
    account: (scope) => callers.as(scope, accountIn(homeRegion(scope.partition))),
    organizations: (scope) => callers.as(scope, organizationsIn(homeRegion(scope.partition))),
    iam: async (scope) => callers.as(scope, await iamIn(homeRegion(scope.partition))),
    credentials: credentials.of,
    close: transport.close,
  };
}

/** There are some 50 regions, so what is made is kept. */
function perRegion<C>(make: (region: string) => C): (region: string) => C {
  const clients = new Map<string, C>();
  return (region) => {
    const client = clients.get(region) ?? make(region);
    clients.set(region, client);
    return client;
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

function ownScope(partition: Partition): CredentialScope {
  return { customer: '', account: '', partition, auth: { type: 'default' } };
}
