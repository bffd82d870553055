import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { Test } from 'tap';

import { type Blueprint, blueprintTags, type Tags } from '../../agent/deploy/blueprint.ts';
import type { DeployContext } from '../../agent/deploy/context.ts';
import { type DeployReport, deploy } from '../../agent/deploy/deploy.ts';
import { type DestroyReport, type DestroyWishes, destroy } from '../../agent/deploy/destroy.ts';
import { type DriftReport, type DriftWishes, findDrift } from '../../agent/deploy/drift.ts';
import {
  type CollectorSettings,
  collectorParameters,
  forwardingParameters,
  readerParameters,
} from '../../agent/deploy/parameters.ts';
import type { Place } from '../../agent/deploy/places.ts';
import type { DeployPlan } from '../../agent/deploy/plan.ts';
import type { DeployRequest } from '../../agent/deploy/request.ts';
import type { InstanceResult } from '../../agent/deploy/result.ts';
import { loadTemplate } from '../../agent/deploy/template.ts';
import { addStackSetRoles } from '../../agent/localaws/cloudformation/stack-set/roles.ts';
import { clientsOf, OWN_SCOPE } from './aws-clients.ts';
import { COLLECTOR } from './deploy-request.ts';
import { ACCOUNT, startTestAws, type TestAws } from './local-aws.ts';
import { finish, type VirtualClock } from './virtual-clock.ts';

/** A customer's account beside the administrator's. */
export const MEMBER = '222222222222';
export const REGIONS = ['us-east-1', 'eu-west-1', 'eu-central-1'];
export const PLACES = [ACCOUNT, MEMBER].flatMap((account) => REGIONS.map((region) => ({ account, region })));

/** One call of a CloudFormation client. */
export interface Call {
  readonly command: string;
  readonly region: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** A deployer on an embedded AWS: two accounts, with the roles that StackSets need. */
export interface Deployment extends TestAws {
  readonly calls: readonly Call[];
  readonly notes: readonly string[];
  readonly changed: readonly InstanceResult[];
  client(region?: string): CloudFormationClient;
  /** The collector's log group in a place, if it is there. */
  logGroup(place: Place): unknown;
  deploy(parts?: Partial<DeployRequest>, wishes?: Wishes): Promise<DeployReport>;
  destroy(parts?: Partial<DeployRequest>, wishes?: RemovalWishes): Promise<DestroyReport>;
  drift(parts?: Partial<DeployRequest>, wishes?: DriftTestWishes): Promise<DriftReport>;
}

interface DriftTestWishes extends Partial<DriftWishes> {
  readonly signal?: AbortSignal;
}

interface Wishes {
  readonly signal?: AbortSignal;
  approve?(plan: DeployPlan): Promise<boolean>;
}

interface RemovalWishes extends Partial<DestroyWishes> {
  readonly signal?: AbortSignal;
}

/** The calls that change something. */
export function writes(calls: readonly Call[]): string[] {
  return calls.map(({ command }) => command).filter((command) => !/^(Describe|List)/.test(command));
}

export async function collector(
  userTags: Tags = {},
  settings: Partial<CollectorSettings> = {},
): Promise<DeployRequest['collector']> {
  const content = {
    customer: 'acme',
    template: await loadTemplate('regional'),
    parameters: collectorParameters({ ...COLLECTOR, ...settings }),
  };
  return {
    ...content,
    name: 'guardrelay',
    capabilities: [],
    tags: blueprintTags({ ...content, tags: userTags }),
  };
}

export async function reader(relayPrincipalArn = 'arn:aws:iam::999999999999:role/relay'): Promise<Blueprint> {
  const parameters = readerParameters({
    relayPrincipalArn,
    externalId: '0123456789abcdef0123456789abcdef',
    roleName: 'GuardRelayReader',
    prefix: COLLECTOR.prefix,
    logGroup: COLLECTOR.logGroup,
    stackName: 'guardrelay',
  });
  const content = { customer: 'acme', template: await loadTemplate('reader-role'), parameters };
  const tags = blueprintTags({ ...content, tags: {} });
  return { ...content, name: 'guardrelay-reader', capabilities: ['CAPABILITY_NAMED_IAM'], tags };
}

/** The role that forwards to a hub. */
export async function forwarding(hubRegion: string): Promise<Blueprint> {
  const parameters = forwardingParameters({ hubRegion, prefix: COLLECTOR.prefix });
  const content = { customer: 'acme', template: await loadTemplate('hub-role'), parameters };
  const tags = blueprintTags({ ...content, tags: {} });
  return { ...content, name: 'guardrelay-hub', capabilities: ['CAPABILITY_NAMED_IAM'], tags };
}

export async function startDeployment(t: Test, clock?: VirtualClock): Promise<Deployment> {
  const test = await startTestAws(t, clock);
  const { world } = test.aws;
  world.accounts.add({ id: MEMBER });
  addStackSetRoles(world, ACCOUNT, [ACCOUNT, MEMBER]);
  const clients = clientsOf(t, test);
  const calls: Call[] = [];
  const notes: string[] = [];
  const changed: InstanceResult[] = [];

  function client(region = 'us-east-1'): CloudFormationClient {
    const made = clients.cloudformation(OWN_SCOPE, region);
    made.middlewareStack.add(
      (next, { commandName = '' }) =>
        (args) => {
          calls.push({ command: commandName.replace(/Command$/, ''), region, input: { ...args.input } });
          return next(args);
        },
      { name: 'recorder', override: true },
    );
    return made;
  }

  function contextFor(signal = new AbortController().signal): DeployContext {
    return {
      cloudformation: client,
      logs: (region) => clients.logs(OWN_SCOPE, region),
      clock: test.clock,
      random: () => 0.5,
      signal,
      pace: { firstMs: 5_000, longestMs: 30_000 },
      progress: {
        begin() {},
        changed: (result) => changed.push(result),
        note: (text) => notes.push(text),
        end() {},
      },
    };
  }

  async function requestFor(parts: Partial<DeployRequest> = {}): Promise<DeployRequest> {
    return {
      customer: 'acme',
      mode: 'auto',
      adminAccount: ACCOUNT,
      targets: PLACES,
      collector: await collector(),
      stackSet: {
        homeRegion: 'us-east-1',
        parallelRegions: true,
        failureTolerancePercent: 100,
        maxConcurrentPercent: 100,
        permissions: { model: 'SELF_MANAGED' },
      },
      stack: {},
      firstWave: true,
      ...parts,
    };
  }

  return {
    ...test,
    calls,
    notes,
    changed,
    client,
    logGroup: (place) => test.aws.logs.groups({ ...place, partition: 'aws' }).find(COLLECTOR.logGroup),
    async deploy(parts, { signal, approve = async () => true } = {}) {
      return finish(test.clock, deploy(await requestFor(parts), contextFor(signal), approve));
    },
    async destroy(parts, { signal, keepLogs = true, approve = async () => true } = {}) {
      const request = await requestFor(parts);
      return finish(test.clock, destroy(request, contextFor(signal), { keepLogs, approve }));
    },
    async drift(parts, { signal, detect = true, isChosen = () => true } = {}) {
      const request = await requestFor(parts);
      return finish(test.clock, findDrift(request, contextFor(signal), { detect, isChosen }));
    },
  };
}
