import type {
  CloudFormationClient,
  StackInstanceResourceDriftsSummary,
  StackInstanceSummary,
  StackSet,
  StackSetOperationPreferences,
} from '@aws-sdk/client-cloudformation';
import {
  CreateStackInstancesCommand,
  CreateStackSetCommand,
  DeleteStackInstancesCommand,
  DeleteStackSetCommand,
  DescribeStackInstanceCommand,
  DescribeStackSetCommand,
  DetectStackSetDriftCommand,
  ListStackInstanceResourceDriftsCommand,
  paginateListStackInstances,
  StackSetNotFoundException,
  UpdateStackSetCommand,
} from '@aws-sdk/client-cloudformation';

import type { Blueprint } from './blueprint.ts';
import { definition, parameterList, parametersOf } from './blueprint.ts';
import { TOLD } from './drift-check.ts';
import type { Begun } from './operation.ts';
import { collectPages, collectRows, firstPage } from './pages.ts';
import type { Parameters } from './parameters.ts';
import type { Place } from './places.ts';
import type { StackSetPermissions } from './stack-set-permissions.ts';
import { callAsOf, creationOf, followingOf, rolesOf, targetsOf } from './stack-set-permissions.ts';

/** How a StackSet is run. */
export interface StackSetSettings {
  readonly homeRegion: string;
  readonly parallelRegions: boolean;
  readonly failureTolerancePercent: number;
  readonly maxConcurrentPercent: number;
  readonly permissions: StackSetPermissions;
}

/** The instances that one operation works on: every account in every region. No account: all; no region: the set. */
export interface OperationScope {
  readonly id: string;
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
  /** Parameters of these instances alone: they keep them until they get others. */
  readonly overrides?: Parameters;
}

/** The calls that one StackSet is made and kept with. */
export interface StackSetCalls {
  /** Undefined: there is no such set. */
  describe(): Promise<StackSet | undefined>;
  listInstances(): Promise<StackInstanceSummary[]>;
  createSet(): Promise<unknown>;
  createInstances(scope: OperationScope): Promise<Begun>;
  /** Gives the set our definition, and the instances in scope with it; the others become OUTDATED. */
  update(scope: OperationScope): Promise<Begun>;
  /** Switches automatic deployment as wanted, and leaves the template and the parameters as they are. */
  follow(scope: OperationScope): Promise<Begun>;
  deleteInstances(scope: OperationScope): Promise<Begun>;
  /** Takes instances out of the set and leaves their stacks where they are. */
  releaseInstances(scope: OperationScope): Promise<Begun>;
  /** The parameters of this instance alone. */
  overrides(place: Place): Promise<Parameters>;
  deleteSet(): Promise<unknown>;
  /** Of the whole set: CloudFormation knows no scope here. */
  detectDrift(operationId: string): Promise<Begun>;
  /** What the operation found to differ in one stack. */
  listDrifts(place: Place, operationId: string): Promise<StackInstanceResourceDriftsSummary[]>;
}

export function createStackSetCalls(
  client: CloudFormationClient,
  blueprint: Blueprint,
  { settings, signal }: { readonly settings: StackSetSettings; readonly signal: AbortSignal },
): StackSetCalls {
  const { permissions } = settings;
  const set = { StackSetName: blueprint.name, ...callAsOf(permissions) };
  const abort = { abortSignal: signal };
  const common = { ...set, OperationPreferences: operationPreferences(settings) };
  const shape = { ...definition(blueprint), ManagedExecution: { Active: true } };

  async function describe(): Promise<StackSet | undefined> {
    try {
      return (await client.send(new DescribeStackSetCommand(set), abort)).StackSet;
    } catch (error) {
      if (error instanceof StackSetNotFoundException) return undefined;
      throw error;
    }
  }

  async function remove(scope: OperationScope, RetainStacks: boolean): Promise<Begun> {
    const targets = { OperationId: scope.id, ...targetsOf(permissions, scope, await describe()) };
    return client.send(new DeleteStackInstancesCommand({ ...common, ...targets, RetainStacks }), abort);
  }

  return {
    describe,
    listInstances() {
      const pages = paginateListStackInstances({ client }, firstPage(set), abort);
      return collectRows(pages, ({ Summaries }) => Summaries);
    },
    createSet: () =>
      client.send(new CreateStackSetCommand({ ...set, ...shape, ...creationOf(permissions) }), abort),
    createInstances(scope) {
      const targets = { OperationId: scope.id, ...targetsOf(permissions, scope) };
      const input = { ...common, ...targets, ...overridesOf(scope) };
      return client.send(new CreateStackInstancesCommand(input), abort);
    },
    async update(scope) {
      const live = await describe();
      const targets = scope.regions.length > 0 && targetsOf(permissions, scope, live);
      const input = { ...common, ...shape, ...rolesOf(permissions, live), OperationId: scope.id, ...targets };
      return await client.send(new UpdateStackSetCommand(input), abort);
    },
    async follow(scope) {
      const same = unchanged(blueprint, await describe());
      const input = { ...common, ...same, ...followingOf(permissions), OperationId: scope.id };
      return await client.send(new UpdateStackSetCommand(input), abort);
    },
    deleteInstances: (scope) => remove(scope, false),
    releaseInstances: (scope) => remove(scope, true),
    async overrides({ account, region }) {
      const instance = { ...set, StackInstanceAccount: account, StackInstanceRegion: region };
      const { StackInstance } = await client.send(new DescribeStackInstanceCommand(instance), abort);
      return parametersOf(StackInstance?.ParameterOverrides);
    },
    deleteSet: () => client.send(new DeleteStackSetCommand(set), abort),
    detectDrift: (OperationId) =>
      client.send(new DetectStackSetDriftCommand({ ...common, OperationId }), abort),
    listDrifts({ account, region }, OperationId) {
      const where = { StackInstanceAccount: account, StackInstanceRegion: region };
      const input = { ...set, ...where, OperationId, StackInstanceResourceDriftStatuses: TOLD };
      return collectPages(async (NextToken) => {
        const command = new ListStackInstanceResourceDriftsCommand({ ...input, NextToken });
        const { Summaries, NextToken: nextToken } = await client.send(command, abort);
        return { rows: Summaries, nextToken };
      });
    },
  };
}

/** One refused region must not stop the others, so the tolerance is high and soft. */
function operationPreferences(settings: StackSetSettings): StackSetOperationPreferences {
  return {
    RegionConcurrencyType: settings.parallelRegions ? 'PARALLEL' : 'SEQUENTIAL',
    FailureTolerancePercentage: settings.failureTolerancePercent,
    MaxConcurrentPercentage: settings.maxConcurrentPercent,
    ConcurrencyMode: 'SOFT_FAILURE_TOLERANCE',
  };
}

/** Without a list, the instances that are there keep what they have. */
function overridesOf({ overrides }: OperationScope) {
  return overrides && { ParameterOverrides: parameterList(overrides) };
}

/** What an update needs that shall change nothing in the stacks. */
function unchanged({ capabilities }: Blueprint, live: StackSet | undefined) {
  const Parameters = (live?.Parameters ?? []).map(({ ParameterKey }) => ({
    ParameterKey,
    UsePreviousValue: true,
  }));
  return { UsePreviousTemplate: true, Parameters, Capabilities: [...capabilities] };
}
