import type { Test } from 'tap';

import { type AwsClients, type AwsClientsOptions, createAwsClients } from '../../agent/aws/clients.ts';
import type { CredentialScope } from '../../agent/aws/credential-scope.ts';
import { ACCOUNT, type TestAws } from './local-aws.ts';

/** What the administrator of the embedded AWS's account signs with: the agent's own credentials. */
export const OWN_SCOPE: CredentialScope = {
  customer: 'acme',
  account: ACCOUNT,
  partition: 'aws',
  auth: { type: 'default' },
};

/** The agent's clients on an embedded AWS, closed with the test; each call is tried once. */
export function clientsOf(
  t: Test,
  { aws, clock, keys }: TestAws,
  options: Partial<AwsClientsOptions> = {},
): AwsClients {
  const clients = createAwsClients({
    clock,
    random: () => 0.5,
    readSecret: async (reference) => `secret of ${reference}`,
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
