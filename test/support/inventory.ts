import {
  CloudFormationClient,
  DescribeStacksCommand,
  ListStackSetsCommand,
} from '@aws-sdk/client-cloudformation';

import { regionsOf } from '../../agent/localaws/regions.ts';
import type { Place } from '../../agent/localaws/service.ts';
import type { TestAws } from './local-aws.ts';

/** Everything that a deployment can make, as it stands in all regions that these accounts have on: `account region kind name`. */
export async function inventory(test: TestAws, accounts: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const account of accounts) {
    const keys = test.aws.world.principals.addUser(account, 'auditor');
    for (const region of regionsOf('aws').onByDefault) {
      const place = { account, region, partition: 'aws' };
      const client = new CloudFormationClient(test.config({ keys, region }));
      const things = [...inServices(test, place), ...(await inCloudFormation(client))];
      found.push(...things.map((thing) => `${account} ${region} ${thing}`));
      client.destroy();
    }
    if (test.aws.world.principals.role(account, 'GuardRelayReader'))
      found.push(`${account} role GuardRelayReader`);
  }
  return found;
}

function inServices({ aws }: TestAws, place: Place): string[] {
  return [
    ...aws.logs
      .groups(place)
      .list()
      .map(({ name }) => `log group ${name}`),
    ...aws.logs
      .policies(place)
      .list()
      .map(({ policyName }) => `policy ${policyName}`),
    ...aws.events
      .rules(place)
      .list()
      .map(({ name }) => `rule ${name}`),
    ...(aws.queues.find(place, 'guardrelay-dlq') ? ['queue guardrelay-dlq'] : []),
  ];
}

async function inCloudFormation(client: CloudFormationClient): Promise<string[]> {
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({}));
  const { Summaries = [] } = await client.send(new ListStackSetsCommand({ Status: 'ACTIVE' }));
  return [
    ...Stacks.map(({ StackName }) => `stack ${StackName}`),
    ...Summaries.map(({ StackSetName }) => `StackSet ${StackSetName}`),
  ];
}
