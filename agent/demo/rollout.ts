import type { AwsClients } from '../aws/clients.ts';
import type { CredentialScope } from '../aws/credential-scope.ts';
import type { ResolvedCustomer } from '../config/config.ts';
import { customerRequest } from '../deploy/customer-request.ts';
import { deploy } from '../deploy/deploy.ts';
import { findTargets } from '../deploy/targets.ts';
import type { Clock } from '../model/clock.ts';

export interface RolloutOptions {
  /** Clients that sign with the customer's deployer. */
  readonly clients: AwsClients;
  readonly relayArn: string;
  readonly externalId: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const OWN: CredentialScope = { customer: '', account: '', partition: 'aws', auth: { type: 'default' } };
const PACE = { firstMs: 100, longestMs: 1_000 };

/** Deploys reader role and StackSet of one customer with the product's own code; answers the stacks that stand. */
export async function rollOutCustomer(customer: ResolvedCustomer, options: RolloutOptions): Promise<number> {
  const { clients, relayArn, externalId, clock, signal } = options;
  const [adminAccount = ''] = customer.accounts.collect;
  const { targets } = await findTargets(
    clients.account(OWN),
    { accounts: customer.accounts.collect, regions: customer.regions, partition: 'aws', adminAccount },
    signal,
  );
  const readerRole = { relayPrincipalArn: relayArn, externalId };
  const request = await customerRequest(customer, {
    ...{ adminAccount, targets, readerRole },
    mode: 'stackset-self-managed',
  });
  const context = {
    ...{ clock, signal },
    cloudformation: (region: string) => clients.cloudformation(OWN, region),
    logs: (region: string) => clients.logs(OWN, region),
    random: Math.random,
    pace: PACE,
    progress: { begin() {}, changed() {}, note() {}, end() {} },
  };
  const report = await deploy(request, context, async () => true);
  if (report.kind !== 'done')
    throw new Error(`the demo's deployment of ${customer.id} ended as ${report.kind}`);
  const failed = report.results.find(({ status }) => status !== 'succeeded');
  if (failed)
    throw new Error(`the demo's deployment failed in ${failed.region}: ${failed.reason ?? 'no reason'}`);
  return report.results.length;
}
