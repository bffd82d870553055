import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Test } from 'tap';

import type { LocalAws } from '../../agent/localaws/server.ts';
import { startLocalAws } from '../../agent/localaws/server.ts';
import type { Place } from '../../agent/localaws/service.ts';
import type { Keys } from '../../agent/localaws/world.ts';
import type { Ran } from '../peers/support/child.ts';
import { runCli } from './cli.ts';
import { actionsOf } from './policies.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

export const ADMIN = '111111111111';
/** May become members; GuardDuty is on in them. */
export const [PAY = '', LAB = '', LAKE = ''] = ['123456789123', '210987654321', '345678901234'];
const REGIONS = ['eu-west-1', 'us-east-1'];
/** A role in every member account that whoever runs the commands may assume. */
export const MEMBER_ROLE = 'arn:aws:iam::{account}:role/GuardRelayMember';

/** A customer who administers GuardDuty and may invite others, seen from the command line. */
export interface MembersScene {
  readonly aws: LocalAws;
  readonly clock: VirtualClock;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly list: string;
  guardrelay(...args: readonly string[]): Promise<Ran>;
}

export function addressOf(account: string): string {
  return `aws+${account}@acme.example`;
}

export function placeIn(region: string, account = ADMIN): Place {
  return { account, region, partition: 'aws' };
}

/** `list`: what stands in the customer's file; `accounts`: who exists beside the administrator. */
export async function startMembersScene(
  t: Test,
  list?: string,
  { accounts = [PAY, LAB, LAKE], regions = REGIONS } = {},
): Promise<MembersScene> {
  const clock = createVirtualClock(Date.now());
  const aws = await startLocalAws({ clock });
  t.teardown(() => aws.close());
  const keys = await populate(aws, accounts, regions);
  const cwd = t.testdir(list === undefined ? {} : { 'acme.csv': list });
  await writeFile(join(cwd, 'guardrelay.yaml'), JSON.stringify(configuration(regions)));
  const env = {
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_ENDPOINT_URL: aws.url,
  };
  const guardrelay = (...args: readonly string[]): Promise<Ran> => runCli(args, { cwd, env });
  return { aws, clock, cwd, env, list: join(cwd, 'acme.csv'), guardrelay };
}

async function populate(
  aws: LocalAws,
  accounts: readonly string[],
  regions: readonly string[],
): Promise<Keys> {
  const { world, guardDuty } = aws;
  world.accounts.add({ id: ADMIN });
  const keys = world.principals.addUser(ADMIN, 'owner');
  for (const region of regions) guardDuty.detectors.create(placeIn(region), {});
  const allowed = await actionsOf('accept');
  for (const account of accounts) {
    world.accounts.add({ id: account, email: addressOf(account) });
    for (const region of regions) guardDuty.detectors.create(placeIn(region, account), {});
    world.principals.putRole({
      account,
      name: 'GuardRelayMember',
      arn: MEMBER_ROLE.replace('{account}', account),
      trust: {
        Statement: {
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${ADMIN}:root` },
          Action: 'sts:AssumeRole',
        },
      },
      policies: { member: { Statement: { Effect: 'Allow', Action: allowed, Resource: '*' } } },
    });
  }
  return keys;
}

function configuration(regions: readonly string[]): object {
  return {
    version: 1,
    agent: { dataDir: 'state', logFormat: 'json' },
    http: { listen: '127.0.0.1:0' },
    customers: [
      {
        id: 'acme',
        auth: { type: 'default' },
        topology: 'administrator',
        accounts: { collect: [ADMIN], file: 'acme.csv' },
        regions,
        destinations: ['siem'],
      },
    ],
    destinations: [
      { id: 'siem', type: 'syslog', transport: 'tcp', host: '127.0.0.1', port: 514, insecureTransport: true },
    ],
  };
}

/** Makes accounts members, in these regions, without asking anybody. */
export function makeMembers(aws: LocalAws, accounts: readonly string[], regions = REGIONS): void {
  for (const region of regions) {
    for (const account of accounts) {
      aws.guardDuty.members.create(placeIn(region), account, addressOf(account));
      aws.guardDuty.members.invite(placeIn(region), account);
      aws.guardDuty.members.mark(placeIn(region), account, 'Enabled');
    }
  }
}
