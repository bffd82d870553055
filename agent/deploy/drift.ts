import { explainCallError } from './call-error.ts';
import type { DeployContext } from './context.ts';
import type { DriftRow } from './drift-rows.ts';
import { driftRows } from './drift-rows.ts';
import type { Fleet, LiveFleet } from './fleet.ts';
import { settle } from './fleet.ts';
import { chooseFleet } from './fleets.ts';
import type { Place } from './places.ts';
import { planSteps } from './plan.ts';
import type { DeployRequest } from './request.ts';
import { addsAccounts } from './stack-set-permissions.ts';

export interface DriftWishes {
  /** Let CloudFormation compare what stands in AWS with the template, which takes minutes. */
  readonly detect: boolean;
  isChosen(place: Place): boolean;
}

export type DriftReport =
  | { readonly kind: 'done'; readonly rows: readonly DriftRow[]; readonly busy: boolean }
  /** Stopped by the signal. A detection that had begun goes on in AWS, and changes nothing there. */
  | { readonly kind: 'interrupted' };

/** Compares what AWS has with what the request wants. It writes nothing. */
export async function findDrift(
  request: DeployRequest,
  context: DeployContext,
  wishes: DriftWishes,
): Promise<DriftReport> {
  try {
    return await compare(request, context, wishes);
  } catch (error) {
    if (context.signal.aborted) return { kind: 'interrupted' };
    throw explainCallError(error, `comparing ${request.customer} with account ${request.adminAccount}`);
  } finally {
    context.progress.end();
  }
}

async function compare(
  request: DeployRequest,
  context: DeployContext,
  { detect, isChosen }: DriftWishes,
): Promise<DriftReport> {
  const { fleet } = await chooseFleet(request, context);
  // CloudFormation compares no stack that is being changed.
  const live = detect ? (await settle(fleet)).live : await fleet.inspect();
  const follows = addsAccounts(request.stackSet.permissions);
  const steps = planSteps(request.targets, live.instances, follows).filter(isChosen);
  const comparable = live.instances
    .filter(isChosen)
    .filter(({ state }) => state === 'current' || state === 'outdated');
  const checks = detect ? await detectAll(fleet, comparable, context) : [];
  const { customer, collector } = request;
  const rows = driftRows({ customer, stack: collector.name, steps, checks });
  return { kind: 'done', rows, busy: live.busy };
}

async function detectAll(fleet: Fleet, instances: LiveFleet['instances'], { progress }: DeployContext) {
  const places = instances.map(({ account, region }) => ({ account, region }));
  if (places.length === 0) return [];
  progress.begin(places.length);
  return fleet.detectDrift(places);
}
