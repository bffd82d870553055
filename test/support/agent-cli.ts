import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Test } from 'tap';

import { type LocalAws, startLocalAws } from '../../agent/localaws/server.ts';
import type { Place } from '../../agent/localaws/service.ts';
import { systemClock } from '../../agent/model/clock.ts';
import type { Ran } from '../peers/support/child.ts';
import { runCli } from './cli.ts';
import { startWebhookReceiver, type WebhookReceiver } from './webhook-receiver.ts';

export const ADMIN = '111111111111';
export const MEMBER = '123456789123';
const RELAY = '999999999999';
export const GROUP = '/aws/events/guardrelay';
const EXTERNAL_ID = '0123456789abcdef0123456789abcdef';
export const REGIONS = ['eu-west-1', 'us-east-1'];

/** One customer of one account in two regions, and a SIEM; everything on loopback. */
export interface Scene {
  readonly aws: LocalAws;
  readonly siem: WebhookReceiver;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  guardrelay(...args: readonly string[]): Promise<Ran>;
}

export function placeOf(region: string): Place {
  return { account: ADMIN, region, partition: 'aws' };
}

export function finding(number: number, account = MEMBER): string {
  const arn = `arn:aws:guardduty:eu-west-1:${account}:detector/d/finding/f-${number}`;
  return JSON.stringify({
    'detail-type': 'GuardDuty Finding',
    source: 'aws.guardduty',
    account: ADMIN,
    detail: {
      accountId: account,
      arn,
      id: `f-${number}`,
      type: 'Recon:EC2/Portscan',
      severity: 5,
      service: { serviceName: 'guardduty' },
    },
  });
}

/** Findings of the member account, one log event each, written now. */
export function insert(aws: LocalAws, region: string, count: number, first = 0): void {
  const events = Array.from({ length: count }, (_, index) => ({
    timestamp: Date.now(),
    message: finding(first + index),
  }));
  aws.logs.insert(placeOf(region), GROUP, events);
}

/** The role that the reader template makes, and its trust in the relay's user; `more`: what its switches allow. */
export function addReader(aws: LocalAws, externalId: string, more: readonly string[] = []): void {
  aws.world.principals.putRole({
    account: ADMIN,
    name: 'GuardRelayReader',
    arn: `arn:aws:iam::${ADMIN}:role/GuardRelayReader`,
    trust: {
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${RELAY}:user/relay` },
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'sts:ExternalId': externalId } },
        },
      ],
    },
    policies: {
      read: {
        Statement: [
          {
            Effect: 'Allow',
            Action: ['logs:FilterLogEvents', 'logs:DescribeLogGroups', 'account:ListRegions', ...more],
            Resource: '*',
          },
        ],
      },
    },
  });
}

/** `overrides`: keys of the configuration; `ofCustomer`: keys of its customer. */
export async function setScene(t: Test, overrides: object = {}, ofCustomer: object = {}): Promise<Scene> {
  const aws = await startLocalAws({ clock: systemClock });
  t.teardown(() => aws.close());
  aws.world.accounts.add({ id: RELAY });
  aws.world.accounts.add({ id: ADMIN });
  const keys = aws.world.principals.addUser(RELAY, 'relay');
  addReader(aws, EXTERNAL_ID);
  const siem = await startWebhookReceiver(t);
  const cwd = t.testdir({});
  const configuration = {
    version: 1,
    agent: { id: 'relay-1', dataDir: join(cwd, 'state'), leaseSeconds: 2 },
    defaults: { poll: { baseSeconds: 1, activeSeconds: 1 } },
    customers: [
      {
        ...{ id: 'acme', name: 'Acme, Inc.', tags: { tier: 'gold' } },
        topology: 'organization',
        auth: {
          type: 'assumeRole',
          roleArn: `arn:aws:iam::${ADMIN}:role/GuardRelayReader`,
          externalId: 'env:EXTERNAL_ID',
        },
        accounts: { collect: [ADMIN] },
        regions: REGIONS,
        destinations: ['siem'],
        ...ofCustomer,
      },
    ],
    destinations: [
      {
        ...{ id: 'siem', type: 'webhook', url: siem.url, format: 'json', insecureTransport: true },
        batch: { maxWaitMs: 20 },
      },
    ],
    http: { listen: '127.0.0.1:0' },
    ...overrides,
  };
  await writeFile(join(cwd, 'guardrelay.yaml'), JSON.stringify(configuration));
  const env = {
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_ENDPOINT_URL: aws.url,
    EXTERNAL_ID,
  };
  return { aws, siem, cwd, env, guardrelay: (...args) => runCli(args, { cwd, env }) };
}

/** What the SIEM got, record by record. */
export function linesOf(siem: WebhookReceiver): readonly string[] {
  return siem.requests.flatMap(({ lines }) => lines);
}
