import type { DeployContext } from './context.ts';
import type { Fleet } from './fleet.ts';
import type { RoleFleets } from './fleets.ts';
import type { Place } from './places.ts';
import { placeKey } from './places.ts';
import type { DeployPlan, PlanStep, RolePlan } from './plan.ts';
import { changes } from './plan.ts';
import type { InstanceResult } from './result.ts';
import { isFinal } from './result.ts';

/** Where a plan is carried out. */
export interface Rollout {
  readonly plan: DeployPlan;
  readonly fleet: Fleet;
  readonly roles: RoleFleets;
  readonly firstWave: boolean;
}

/**
 * Carries out a plan: the roles, then updates in waves and what is new. Where there is a hub, it comes before the regions
 * that forward to it, and where it or the role for that is missing, these are not touched.
 */
export async function rollOut(
  rollout: Rollout,
  { progress }: Pick<DeployContext, 'progress'>,
): Promise<readonly InstanceResult[]> {
  const { plan, roles } = rollout;
  progress.begin(changes(plan).length);
  const results = [...(await applyRole(plan.forwarding, roles.forwarding))];
  if (!results.every(isFinal)) return results;
  results.push(...(await applyRole(plan.reader, roles.reader)));
  const { HubRegion: hub } = plan.parameters;
  const isHub = ({ region }: Place): boolean => hub === '' || region === hub;
  const first = await applyStage(plan.steps.filter(isHub), rollout);
  results.push(...first.results);
  const hubs = standing({ stack: plan.name, steps: plan.steps.filter(isHub) }, results);
  const forwarders = standing(plan.forwarding, results);
  const spokes = plan.steps.filter(
    (step) => !isHub(step) && hubs.has(step.account) && forwarders.has(step.account),
  );
  if (first.isOver || spokes.length === 0) return results;
  return [...results, ...(await applyStage(spokes, rollout)).results];
}

async function applyRole(
  role: RolePlan | undefined,
  fleet: Fleet | undefined,
): Promise<readonly InstanceResult[]> {
  if (!role || !fleet) return [];
  const updates = stepsTo(role.steps, 'update');
  const updated = updates.length > 0 ? await fleet.update(updates) : [];
  const created = stepsTo(role.steps, 'create');
  return created.length > 0 ? [...updated, ...(await fleet.create(created))] : updated;
}

/** Accounts in which one of these stacks is as it should be. */
function standing(wanted: RolePlan | undefined, results: readonly InstanceResult[]): ReadonlySet<string> {
  const { stack, steps = [] } = wanted ?? {};
  const made = results.filter((result) => result.stack === stack && result.status === 'succeeded');
  const keys = new Set(made.map(placeKey));
  const stands = steps.filter((step) => step.action === 'none' || keys.has(placeKey(step)));
  return new Set(stands.map(({ account }) => account));
}

/** `isOver`: what comes next must not be begun, or not in this run. */
interface StageOutcome {
  readonly results: readonly InstanceResult[];
  readonly isOver: boolean;
}

async function applyStage(
  steps: readonly PlanStep[],
  { plan, fleet, firstWave }: Rollout,
): Promise<StageOutcome> {
  const results: InstanceResult[] = [];
  for (const wave of updateWaves(steps, plan, firstWave)) {
    const outcome = await fleet.update(wave.places);
    results.push(...outcome);
    const isFailed = outcome.some(({ status }) => status !== 'succeeded');
    // Left to AWS: what comes after it is for the run that sees its end.
    if ((wave.mustSucceed && isFailed) || !outcome.every(isFinal)) return { results, isOver: true };
  }
  const created = stepsTo(steps, 'create');
  if (created.length > 0) results.push(...(await fleet.create(created)));
  return { results, isOver: !results.every(isFinal) };
}

interface Wave {
  readonly places: readonly Place[];
  /** If it fails, nothing else is touched. */
  readonly mustSucceed: boolean;
}

/** The first wave is one region of one account. It is not needed once any stack has the new definition. */
function updateWaves(steps: readonly PlanStep[], plan: DeployPlan, firstWave: boolean): Wave[] {
  const updates = stepsTo(steps, 'update');
  const proven = steps.some(({ action, reason }) => action === 'none' && reason === undefined);
  if (updates.length === 0) return [];
  if (!firstWave || proven || updates.length === 1) return [{ places: updates, mustSucceed: false }];
  const first = updates.find((step) => isHome(plan, step)) ?? updates[0];
  return [
    { places: updates.filter((step) => step === first), mustSucceed: true },
    { places: updates.filter((step) => step !== first), mustSucceed: false },
  ];
}

function isHome({ adminAccount, homeRegion }: DeployPlan, { account, region }: PlanStep): boolean {
  return account === adminAccount && region === homeRegion;
}

function stepsTo(steps: readonly PlanStep[], action: PlanStep['action']): PlanStep[] {
  return steps.filter((step) => step.action === action);
}
