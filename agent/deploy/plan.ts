import type { ErrorCode } from '../model/error.ts';
import type { CollectorParameters } from './parameters.ts';
import type { Place } from './places.ts';
import { placeKey } from './places.ts';

export type DeployMode = 'stack' | 'stackset-self-managed';

/** A place that the configuration names; `off` says why nothing can be deployed there. */
export interface Target extends Place {
  readonly off?: string;
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
  /** The reader role's stack, where it was asked for. */
  readonly reader?: ReaderStep;
}

interface ReaderStep extends PlanStep {
  readonly stack: string;
}

/** One step for each place: what is wanted, in the configuration's order, then what AWS has beyond that. */
export function planSteps(targets: readonly Target[], live: readonly LiveInstance[]): PlanStep[] {
  const instances = new Map(live.map((instance) => [placeKey(instance), instance]));
  const wanted = new Set(targets.map(placeKey));
  return [
    ...targets.map((target) => stepFor(target, instances.get(placeKey(target)))),
    ...live.filter((instance) => !wanted.has(placeKey(instance))).map(leftAlone),
  ];
}

/** The steps that write. */
export function changes(plan: DeployPlan): PlanStep[] {
  const all = plan.reader ? [plan.reader, ...plan.steps] : plan.steps;
  return all.filter(({ action }) => action === 'create' || action === 'update' || action === 'delete');
}

function stepFor({ account, region, off }: Target, instance: LiveInstance | undefined): PlanStep {
  const place = { account, region };
  if (off !== undefined) return { ...place, action: 'off', reason: off };
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
