import type { ErrorCode } from '../model/error.ts';
import type { Obstacle } from './obstacle.ts';
import type { CollectorParameters } from './parameters.ts';
import type { Place } from './places.ts';
import { placeKey } from './places.ts';

export type DeployMode = 'stack' | 'stackset-self-managed' | 'stackset-organizations';

/** A place that the configuration names; `off` says why nothing can be deployed there. */
export interface Target extends Place {
  readonly off?: string;
  /** Why the whole account cannot be reached. */
  readonly obstacle?: Obstacle;
}

/**
 * One stack as AWS shows it. `unborn`: named in the StackSet, but its stack was never made;
 * `stuck`: needs a person, `reason` says what for.
 */
export interface LiveInstance extends Place {
  /** ARN of its stack, for those who remove it by hand. */
  readonly stackId?: string;
  readonly state: 'current' | 'outdated' | 'unborn' | 'stuck';
  readonly reason?: string;
  /** Of what is stuck; absent: CFN-002. */
  readonly code?: ErrorCode;
}

export interface PlanStep extends Place {
  readonly action: 'create' | 'update' | 'delete' | 'none' | 'skip' | 'off';
  readonly reason?: string;
  readonly code?: ErrorCode;
  /** Absent: as the reason says. */
  readonly fix?: string;
}

/** Everything that a deployment will do, computed before the first write. A plain value: it can be stored. */
export interface DeployPlan {
  readonly customer: string;
  readonly mode: DeployMode;
  /** Of the StackSet, or of the stacks. */
  readonly name: string;
  /** The account of the deployer's credentials: the StackSet's administrator account. */
  readonly adminAccount: string;
  readonly homeRegion: string;
  readonly templateVersion: string;
  readonly templateSha256: string;
  readonly parameters: CollectorParameters;
  readonly tags: Readonly<Record<string, string>>;
  readonly steps: readonly PlanStep[];
  /** The stacks of the role that forwards to the hub, one in each account, where there is a hub. */
  readonly forwarding?: RolePlan;
  /** The reader role's stacks, one in each account, where they were asked for. */
  readonly reader?: RolePlan;
  /** Where a StackSet of an organization serves the accounts. */
  readonly organization?: OrganizationPlan;
}

export interface RolePlan {
  /** Name of the stack, or of the StackSet. */
  readonly stack: string;
  readonly steps: readonly PlanStep[];
}

interface OrganizationPlan {
  readonly units: readonly string[];
  /** AWS makes stacks in accounts that join the units. */
  readonly autoDeploy: boolean;
  /** The management account, where it gets stacks of its own. */
  readonly ownStacks?: string;
}

/**
 * One step for each place: what is wanted, in the configuration's order, then what AWS has beyond that. `follows`: AWS
 * itself has made some of that, in accounts that joined an organization, and it is kept up to date.
 */
export function planSteps(
  targets: readonly Target[],
  live: readonly LiveInstance[],
  follows = false,
): PlanStep[] {
  const instances = new Map(live.map((instance) => [placeKey(instance), instance]));
  const wanted = new Set(targets.map(placeKey));
  const others = live.filter((instance) => !wanted.has(placeKey(instance)));
  return [
    ...targets.map((target) => stepFor(target, instances.get(placeKey(target)))),
    ...others.map(follows ? followed : leftAlone),
  ];
}

/** The roles, in the order in which they are made. */
export function rolePlans({ forwarding, reader }: DeployPlan): readonly RolePlan[] {
  return [forwarding, reader].filter((role) => role !== undefined);
}

/** On roles and on collectors. */
export function allSteps(plan: DeployPlan): readonly PlanStep[] {
  return [...rolePlans(plan).flatMap(({ steps }) => steps), ...plan.steps];
}

/** The steps that write. */
export function changes(plan: DeployPlan): PlanStep[] {
  return allSteps(plan).filter(
    ({ action }) => action === 'create' || action === 'update' || action === 'delete',
  );
}

function stepFor({ account, region, off, obstacle }: Target, instance: LiveInstance | undefined): PlanStep {
  const place = { account, region };
  if (off !== undefined) return { ...place, action: 'off', reason: off };
  if (obstacle) return { ...place, action: 'skip', ...obstacle };
  const why = instance?.reason === undefined ? {} : { reason: instance.reason };
  switch (instance?.state) {
    case undefined:
    case 'unborn':
      return { ...place, action: 'create', ...why };
    case 'outdated':
      return { ...place, action: 'update', ...why };
    case 'current':
      return { ...place, action: 'none' };
    case 'stuck':
      return {
        ...place,
        action: 'skip',
        reason: instance.reason ?? 'cannot be changed',
        code: instance.code ?? 'CFN-002',
      };
  }
}

function leftAlone({ account, region }: LiveInstance): PlanStep {
  return { account, region, action: 'none', reason: 'no longer in the configuration; left as it is' };
}

/** What StackSets made for an account that joined: nothing wrong, but the configuration has yet to name the account. */
function followed(instance: LiveInstance): PlanStep {
  const { account, region } = instance;
  const reason = 'made by AWS because the account joined; add it to accounts.collect to read it';
  const step = stepFor({ account, region }, instance);
  return step.action === 'none' || step.action === 'update' ? { ...step, reason } : leftAlone(instance);
}
