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
import { collectPages, collectRows } from './pages.ts';
import type { Parameters } from './parameters.ts';
import type { Place } from './places.ts';

/** How a self-managed StackSet is run. */
export interface StackSetSettings {
  readonly homeRegion: string;
  readonly parallelRegions: boolean;
  readonly failureTolerancePercent: number;
  readonly maxConcurrentPercent: number;
  /** Absent: what the StackSet has, or CloudFormation's default. */
  readonly administrationRoleArn?: string;
  readonly executionRoleName?: string;
}

/** The instances that one operation works on: every account in every region. None named: all. */
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

const DEFAULT_ADMINISTRATION_ROLE = 'AWSCloudFormationStackSetAdministrationRole';

type Roles = Pick<StackSet, 'AdministrationRoleARN' | 'ExecutionRoleName'>;

export function createStackSetCalls(
  client: CloudFormationClient,
  blueprint: Blueprint,
  { settings, signal }: { readonly settings: StackSetSettings; readonly signal: AbortSignal },
): StackSetCalls {
  const StackSetName = blueprint.name;
  const abort = { abortSignal: signal };
  const common = { StackSetName, OperationPreferences: operationPreferences(settings) };
  const shape = { StackSetName, ...definition(blueprint), ManagedExecution: { Active: true } };

  async function describe(): Promise<StackSet | undefined> {
    try {
      return (await client.send(new DescribeStackSetCommand({ StackSetName }), abort)).StackSet;
    } catch (error) {
      if (error instanceof StackSetNotFoundException) return undefined;
      throw error;
    }
  }

  const remove = (scope: OperationScope, RetainStacks: boolean) =>
    client.send(new DeleteStackInstancesCommand({ ...common, ...targetsOf(scope), RetainStacks }), abort);

  return {
    describe,
    listInstances() {
      const pages = paginateListStackInstances({ client }, { StackSetName }, abort);
      return collectRows(pages, ({ Summaries }) => Summaries);
    },
    createSet: () =>
      client.send(
        new CreateStackSetCommand({ ...shape, ...rolesOf(settings), PermissionModel: 'SELF_MANAGED' }),
        abort,
      ),
    createInstances: (scope) =>
      client.send(
        new CreateStackInstancesCommand({ ...common, ...targetsOf(scope), ...overridesOf(scope) }),
        abort,
      ),
    async update(scope) {
      // A custom role that is not given again falls back to CloudFormation's default.
      const roles = rolesOf(settings, await describe());
      const command = new UpdateStackSetCommand({ ...common, ...shape, ...roles, ...updateTargets(scope) });
      return await client.send(command, abort);
    },
    deleteInstances: (scope) => remove(scope, false),
    releaseInstances: (scope) => remove(scope, true),
    async overrides({ account, region }) {
      const instance = { StackSetName, StackInstanceAccount: account, StackInstanceRegion: region };
      const { StackInstance } = await client.send(new DescribeStackInstanceCommand(instance), abort);
      return parametersOf(StackInstance?.ParameterOverrides);
    },
    deleteSet: () => client.send(new DeleteStackSetCommand({ StackSetName }), abort),
    detectDrift: (OperationId) =>
      client.send(new DetectStackSetDriftCommand({ ...common, OperationId }), abort),
    listDrifts({ account, region }, OperationId) {
      const where = { StackInstanceAccount: account, StackInstanceRegion: region };
      const input = { StackSetName, ...where, OperationId, StackInstanceResourceDriftStatuses: TOLD };
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

/** The set's own roles where the configuration names none; AWS's default one is not passed, which would need a right. */
function rolesOf(settings: StackSetSettings, live?: StackSet): Roles {
  const isDefault = live?.AdministrationRoleARN?.endsWith(`/${DEFAULT_ADMINISTRATION_ROLE}`);
  return {
    AdministrationRoleARN:
      settings.administrationRoleArn ?? (isDefault ? undefined : live?.AdministrationRoleARN),
    ExecutionRoleName: settings.executionRoleName ?? live?.ExecutionRoleName,
  };
}

function targetsOf({ id, accounts, regions }: OperationScope) {
  return { OperationId: id, Accounts: [...accounts], Regions: [...regions] };
}

/** Without a list, the instances that are there keep what they have. */
function overridesOf({ overrides }: OperationScope) {
  return overrides && { ParameterOverrides: parameterList(overrides) };
}

function updateTargets(scope: OperationScope) {
  return scope.accounts.length > 0 ? targetsOf(scope) : { OperationId: scope.id };
}
