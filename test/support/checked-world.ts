import type { Test } from 'tap';
import { EVERYTHING } from '../../agent/commands/doctor/agenda.ts';
import { CHECK_CODES, examine } from '../../agent/commands/doctor/examine.ts';
import { SILENT_TALLY } from '../../agent/commands/doctor/progress.ts';
import type { Examination } from '../../agent/commands/doctor/rows.ts';
import type { ResolvedCustomer } from '../../agent/config/config.ts';
import { parseConfig } from '../../agent/config/parse.ts';
import type { CheckResult } from '../../agent/deploy/checks/check.ts';
import type { CollectorSettings } from '../../agent/deploy/parameters.ts';
import type { Keys } from '../../agent/localaws/world.ts';
import type { ErrorCode } from '../../agent/model/error.ts';
import { clientsOf } from './aws-clients.ts';
import { collector, type Deployment, forwarding, reader, startDeployment } from './deployment.ts';
import { ACCOUNT } from './local-aws.ts';
import { networkRest } from './network-rest.ts';
import { createVirtualClock, finish } from './virtual-clock.ts';

const RELAY = '999999999999';
const MINUTE_MS = 60_000;

/** The real templates in these regions of one account, with GuardDuty and a trail on and heartbeats in their log groups, seen by the relay. */
export interface CheckedWorld extends Deployment {
  /** What the agent signs with. */
  readonly relay: Keys;
  examine(wishes?: Wishes): Promise<Examination>;
}

interface Wishes {
  readonly only?: readonly ErrorCode[];
  /** Options of the customer in the configuration file. */
  readonly settings?: object;
  isChosen?(region: string): boolean;
}

interface WorldOptions {
  readonly settings?: Partial<CollectorSettings>;
  /** Epoch ms. */
  readonly startsAt?: number;
}

export async function startCheckedWorld(
  t: Test,
  regions: readonly string[],
  { settings = {}, startsAt }: WorldOptions = {},
): Promise<CheckedWorld> {
  const deployment = await startDeployment(t, createVirtualClock(startsAt, networkRest));
  const { aws, clock } = deployment;
  aws.world.accounts.add({ id: RELAY });
  const relay = aws.world.principals.addUser(RELAY, 'relay');
  const report = await deployment.deploy({
    targets: regions.map((region) => ({ account: ACCOUNT, region })),
    collector: await collector({}, settings),
    ...(settings.hubRegion !== undefined && { forwarding: await forwarding(settings.hubRegion) }),
    reader: await reader(`arn:aws:iam::${RELAY}:user/relay`),
  });
  if (report.kind !== 'done') throw new Error(`the deployment ended as ${report.kind}`);
  for (const region of regions) {
    aws.guardDuty.detectors.create(
      { account: ACCOUNT, region, partition: 'aws' },
      { frequency: 'FIFTEEN_MINUTES' },
    );
  }
  aws.trails.add({
    ...{ name: 'audit', account: ACCOUNT, homeRegion: 'us-east-1', isMultiRegion: true, isLogging: true },
    eventSelectors: [{ ReadWriteType: 'All', IncludeManagementEvents: true }],
  });
  await clock.advance(6 * MINUTE_MS);
  const clients = clientsOf(t, { ...deployment, keys: relay });

  return {
    ...deployment,
    relay,
    examine({ settings = {}, only = CHECK_CODES, isChosen = () => true } = {}) {
      const { signal } = new AbortController();
      const asked = { clients, clock, signal, agenda: EVERYTHING, tally: SILENT_TALLY };
      const customers = [customerOf({ regions, ...settings })];
      return finish(clock, examine(customers, { ...asked, only, isChosen }));
    },
  };
}

/** A configuration file of one customer with these options. */
export function configurationOf(settings: object): string {
  const roleArn = 'arn:aws:iam::{account}:role/GuardRelayReader';
  const customer = {
    id: 'acme',
    auth: { type: 'assumeRole', roleArn, externalId: 'env:EXTERNAL_ID' },
    accounts: { collect: [ACCOUNT] },
    destinations: ['siem'],
    ...settings,
  };
  const siem = { id: 'siem', type: 'webhook', url: 'https://siem.example.com' };
  return JSON.stringify({ version: 1, customers: [customer], destinations: [siem] });
}

export function customerOf(settings: object): ResolvedCustomer {
  const parsed = parseConfig(configurationOf(settings), {});
  if (parsed.kind === 'mistaken') throw new Error(JSON.stringify(parsed.mistakes));
  const [customer] = parsed.config.customers;
  if (!customer) throw new Error('the configuration holds no customer');
  return customer;
}

/** What each check said of a region; without one, of the account. */
export function resultsIn({ rows }: Examination, region?: string): Partial<Record<ErrorCode, CheckResult>> {
  return Object.fromEntries(
    rows.filter((row) => row.region === region).map(({ check, result }) => [check, result]),
  );
}
