import type { DeployContext } from './context.ts';
import type { Fleet } from './fleet.ts';
import type { Place } from './places.ts';
import type { DeployPlan, PlanStep } from './plan.ts';
import { changes } from './plan.ts';
import type { InstanceResult } from './result.ts';
import { isFinal } from './result.ts';

/** Where a plan is carried out. */
export interface Rollout {
  readonly plan: DeployPlan;
  readonly fleet: Fleet;
  readonly reader?: Fleet | undefined;
  readonly firstWave: boolean;
}

/** Carries out a plan: the reader roles, then updates in waves, then what is new. */
export async function rollOut(
  { plan, fleet, reader, firstWave }: Rollout,
  { progress }: Pick<DeployContext, 'progress'>,
): Promise<readonly InstanceResult[]> {
  progress.begin(changes(plan).length);
  const results = plan.reader && reader ? [...(await applySteps(reader, plan.reader.steps))] : [];
  for (const wave of updateWaves(plan, firstWave)) {
    const outcome = await fleet.update(wave.places);
    results.push(...outcome);
    if (wave.mustSucceed && outcome.some(({ status }) => status !== 'succeeded')) return results;
    // Left to AWS: what comes after it is for the run that sees its end.
    if (!outcome.every(isFinal)) return results;
  }
  const created = stepsTo(plan.steps, 'create');
  return created.length > 0 ? [...results, ...(await fleet.create(created))] : results;
}

async function applySteps(fleet: Fleet, steps: readonly PlanStep[]): Promise<readonly InstanceResult[]> {
  const updates = stepsTo(steps, 'update');
  const updated = updates.length > 0 ? await fleet.update(updates) : [];
  const created = stepsTo(steps, 'create');
  return created.length > 0 ? [...updated, ...(await fleet.create(created))] : updated;
}

interface Wave {
  readonly places: readonly Place[];
  /** If it fails, nothing else is touched. */
  readonly mustSucceed: boolean;
}

/** The first wave is one region of one account. It is not needed once any stack has the new definition. */
function updateWaves(plan: DeployPlan, firstWave: boolean): Wave[] {
  const updates = stepsTo(plan.steps, 'update');
  const proven = plan.steps.some(({ action, reason }) => action === 'none' && reason === undefined);
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
