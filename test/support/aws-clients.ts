import type { Test } from 'tap';

import { type AwsClients, type AwsClientsOptions, createAwsClients } from '../../agent/aws/clients.ts';
import type { CredentialScope } from '../../agent/aws/credential-scope.ts';
import { ACCOUNT, type TestAws } from './local-aws.ts';

/** The agent's own credentials: those of the administrator of the embedded AWS's account. */
export const OWN_SCOPE: CredentialScope = {
  customer: 'acme',
  account: ACCOUNT,
  partition: 'aws',
  auth: { type: 'default' },
};

/** What the reader roles of these tests demand, and where the agent finds it. */
const EXTERNAL_ID = '0123456789abcdef0123456789abcdef';
const EXTERNAL_ID_REFERENCE = 'env:EXTERNAL_ID';

/** The agent's clients on an embedded AWS, closed with the test; each call is tried once. */
export function clientsOf(
  t: Test,
  { aws, clock, keys }: Pick<TestAws, 'aws' | 'clock' | 'keys'>,
  options: Partial<AwsClientsOptions> = {},
): AwsClients {
  const clients = createAwsClients({
    clock,
    random: () => 0.5,
    readSecret: async (reference) => (reference === EXTERNAL_ID_REFERENCE ? EXTERNAL_ID : reference),
    agentId: 'relay-1',
    version: '1.2.3',
    endpointUrl: aws.url,
    ownCredentials: async () => keys,
    maxAttempts: 1,
    ...options,
  });
  t.teardown(() => clients.close());
  return clients;
}

/** Makes the reader role in an account, and says how the agent assumes it. */
export function readerScope({ aws }: Pick<TestAws, 'aws'>, account = ACCOUNT): CredentialScope {
  const name = 'GuardRelayReader';
  if (!aws.world.accounts.has(account)) aws.world.accounts.add({ id: account });
  aws.world.principals.putRole({
    account,
    name,
    arn: `arn:aws:iam::${account}:role/${name}`,
    trust: {
      Statement: {
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'sts:ExternalId': EXTERNAL_ID } },
      },
    },
    policies: {
      read: { Statement: { Effect: 'Allow', Action: ['logs:*', 'account:ListRegions'], Resource: '*' } },
    },
  });
  const roleArn = `arn:aws:iam::{account}:role/${name}`;
  return {
    customer: 'acme',
    account,
    partition: 'aws',
    auth: { type: 'assumeRole', roleArn, externalId: EXTERNAL_ID_REFERENCE },
  };
}
