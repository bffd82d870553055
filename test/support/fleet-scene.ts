import type { Test } from 'tap';
import { stringify } from 'yaml';
import { createQuota } from '../../agent/aws/quota.ts';
import { guardDutyRegions } from '../../agent/aws/regions.ts';
import { createProofSite } from '../../agent/commands/deploy/proof-site.ts';
import type { ResolvedCustomer } from '../../agent/config/config.ts';
import { parseConfig } from '../../agent/config/parse.ts';
import type { DeployContext } from '../../agent/deploy/context.ts';
import { customerRequest } from '../../agent/deploy/customer-request.ts';
import { type DeployReport, deploy } from '../../agent/deploy/deploy.ts';
import { type DestroyReport, destroy } from '../../agent/deploy/destroy.ts';
import { remarkDetectors } from '../../agent/deploy/detectors.ts';
import { type DriftReport, findDrift } from '../../agent/deploy/drift.ts';
import type { Target } from '../../agent/deploy/plan.ts';
import { type Preview, previewDeployment } from '../../agent/deploy/preview.ts';
import { type Proof, prove } from '../../agent/deploy/proof.ts';
import type { DeployRequest } from '../../agent/deploy/request.ts';
import { findTargets } from '../../agent/deploy/targets.ts';
import { scopeOf } from '../../agent/discover/customer.ts';
import { type Discovery, discoverSources } from '../../agent/discover/sources.ts';
import { addStackSetRoles } from '../../agent/localaws/cloudformation/stack-set/roles.ts';
import type { JsonObject } from '../../agent/model/json.ts';
import { discoverCustomer } from '../../agent/relay/discover-customer.ts';
import { clientsOf, OWN_SCOPE, readerScope } from './aws-clients.ts';
import { ACCOUNT, startTestAws, type TestAws } from './local-aws.ts';
import { networkRest } from './network-rest.ts';
import { createVirtualClock, finish } from './virtual-clock.ts';

/** A customer with an organization of many accounts, who has some regions switched off, in every region of AWS. */
export interface FleetScene extends TestAws {
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
  /** Calls of CloudFormation that change something, since the last time this was asked. */
  writes(): readonly string[];
  readonly notes: readonly string[];
  plan(settings?: JsonObject): Promise<Preview>;
  /** `stopAfter`: the run is stopped once so many stacks have succeeded. */
  deploy(settings?: JsonObject, stopAfter?: number): Promise<DeployReport>;
  drift(settings?: JsonObject): Promise<DriftReport>;
  destroy(): Promise<DestroyReport>;
  /** The sources that the agent finds, and which of them it can read a heartbeat from by now. */
  discover(): Promise<Discovery>;
  prove(): Promise<readonly Proof[]>;
}

interface FleetSpec {
  readonly accountCount: number;
  /** Regions that are switched off in each account. */
  readonly off: readonly string[];
  /** Regions without a detector of GuardDuty. */
  readonly unguarded: readonly string[];
}

export async function startFleetScene(
  t: Test,
  { accountCount, off, unguarded }: FleetSpec,
): Promise<FleetScene> {
  const test = await startTestAws(t, createVirtualClock(undefined, networkRest));
  const { aws, clock } = test;
  const others = Array.from({ length: accountCount - 1 }, (_, at) => String(500_000_000_000 + at));
  const accounts = [ACCOUNT, ...others];
  const regions = guardDutyRegions('aws').map(({ region }) => region);
  for (const id of accounts) {
    aws.world.accounts.add({ id, regions: regions.filter((region) => !off.includes(region)) });
    readerScope(test, id);
    for (const region of regions) {
      if (!unguarded.includes(region))
        aws.guardDuty.detectors.create({ account: id, region, partition: 'aws' }, {});
    }
  }
  const members = accounts.map((id) => ({ id, name: id, email: `${id}@acme.example` }));
  aws.world.organizations.add({ management: ACCOUNT, accounts: members });
  addStackSetRoles(aws.world, ACCOUNT, accounts);
  const clients = clientsOf(t, test);
  const calls: string[] = [];
  aws.watch(({ action }) => void calls.push(action));
  const notes: string[] = [];

  function contextFor(stopAfter = Number.POSITIVE_INFINITY): DeployContext {
    const stop = new AbortController();
    let succeeded = 0;
    return {
      cloudformation: (region) => clients.cloudformation(OWN_SCOPE, region),
      logs: (region) => clients.logs(OWN_SCOPE, region),
      clock,
      random: () => 0.5,
      signal: stop.signal,
      pace: { firstMs: 5_000, longestMs: 30_000 },
      progress: {
        begin() {},
        end() {},
        note: (text) => notes.push(text),
        changed({ status }) {
          if (status === 'succeeded') succeeded += 1;
          if (succeeded === stopAfter) stop.abort();
        },
      },
    };
  }

  async function targetsOf(): Promise<readonly Target[]> {
    const wanted = { accounts, regions: 'enabled', partition: 'aws', adminAccount: ACCOUNT } as const;
    const { signal } = new AbortController();
    return (await findTargets(clients.account(OWN_SCOPE), wanted, signal)).targets;
  }

  async function requestFor(settings: JsonObject = {}): Promise<DeployRequest> {
    const customer = customerOf(accounts, settings);
    const targets = await targetsOf();
    const { signal } = new AbortController();
    const guardduty = (region: string) => clients.guardduty(OWN_SCOPE, region);
    const remarks = await remarkDetectors(
      targets.filter((target) => target.off === undefined),
      { guardduty, adminAccount: ACCOUNT, signal },
    );
    return {
      ...(await customerRequest(customer, { mode: 'auto', adminAccount: ACCOUNT, targets })),
      remarks,
    };
  }

  async function proveAll(): Promise<readonly Proof[]> {
    const customer = customerOf(accounts);
    const { sources } = await discover();
    const since = clock.now() - customer.heartbeat.everyMinutes * 60_000;
    const subjects = sources.map((source) => ({
      source,
      logs: source,
      scope: scopeOf(discoverCustomer(customer), source.account),
      since,
    }));
    const view = { begin() {}, step() {}, note() {}, end() {} };
    return prove(subjects, createProofSite([customer], { ...contextFor(), clients, view }));
  }

  function discover(): Promise<Discovery> {
    const { signal } = new AbortController();
    const options = { clients, quota: createQuota(clock) };
    return discoverSources([discoverCustomer(customerOf(accounts))], options, signal);
  }

  const inTime = <T>(work: Promise<T>): Promise<T> => finish(clock, work);
  return {
    ...test,
    accounts,
    regions,
    notes,
    writes: () =>
      calls.splice(0).filter((call) => /^cloudformation:(?!Describe|List|Detect|Batch)/.test(call)),
    plan: (settings) =>
      inTime(requestFor(settings).then((request) => previewDeployment(request, contextFor()))),
    deploy: (settings, stopAfter) =>
      inTime(
        requestFor(settings).then((request) => deploy(request, contextFor(stopAfter), async () => true)),
      ),
    drift: (settings) =>
      inTime(
        requestFor(settings).then((request) =>
          findDrift(request, contextFor(), { detect: true, isChosen: () => true }),
        ),
      ),
    destroy: () =>
      inTime(
        requestFor().then((request) =>
          destroy(request, contextFor(), { keepLogs: true, approve: async () => true }),
        ),
      ),
    discover: () => inTime(discover()),
    prove: () => inTime(proveAll()),
  };
}

/** With the defaults of the configuration but for these settings. */
export function customerOf(accounts: readonly string[], settings: JsonObject = {}): ResolvedCustomer {
  const auth = {
    ...{ type: 'assumeRole', externalId: 'env:EXTERNAL_ID' },
    roleArn: 'arn:aws:iam::{account}:role/GuardRelayReader',
  };
  const acme = { id: 'acme', auth, accounts: { collect: accounts }, destinations: ['siem'], ...settings };
  const siem = { ...{ id: 'siem', type: 'syslog', transport: 'tcp' }, host: 'localhost', port: 514 };
  const configuration = {
    version: 1,
    customers: [acme],
    destinations: [{ ...siem, insecureTransport: true }],
  };
  const parsed = parseConfig(stringify(configuration), {});
  const [customer] = parsed.kind === 'mistaken' ? [] : parsed.config.customers;
  if (!customer) throw new Error(JSON.stringify(parsed));
  return customer;
}
