import { explainCallError } from './call-error.ts';
import type { DeployContext } from './context.ts';
import type { DriftRow } from './drift-rows.ts';
import { driftRows } from './drift-rows.ts';
import type { Fleet } from './fleet.ts';
import { settle } from './fleet.ts';
import { chooseFleet, roleFleets } from './fleets.ts';
import type { Place } from './places.ts';
import type { Target } from './plan.ts';
import { planSteps } from './plan.ts';
import { readerTargets } from './reader-targets.ts';
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

/** The stacks of one name, and where they should be. */
interface Subject {
  readonly stack: string;
  readonly fleet: Fleet;
  readonly targets: readonly Target[];
}

async function compare(
  request: DeployRequest,
  context: DeployContext,
  wishes: DriftWishes,
): Promise<DriftReport> {
  const { collector, targets, forwarding: role } = request;
  const { fleet } = await chooseFleet(request, context);
  const { forwarding } = roleFleets(request, context);
  const subjects = [
    { stack: collector.name, fleet, targets },
    ...(role && forwarding ? [{ stack: role.name, fleet: forwarding, targets: roleTargets(request) }] : []),
  ];
  const reports = [];
  for (const subject of subjects) reports.push(await compareFleet(subject, { request, context, wishes }));
  return {
    kind: 'done',
    rows: reports.flatMap(({ rows }) => rows),
    busy: reports.some(({ busy }) => busy),
  };
}

/** One in each account. */
function roleTargets({ targets, stackSet }: DeployRequest): readonly Target[] {
  return readerTargets({ targets, stackSet });
}

interface Comparison {
  readonly request: DeployRequest;
  readonly context: DeployContext;
  readonly wishes: DriftWishes;
}

async function compareFleet(
  { stack, fleet, targets }: Subject,
  { request, context, wishes: { detect, isChosen } }: Comparison,
) {
  // CloudFormation compares no stack that is being changed.
  const live = detect ? (await settle(fleet)).live : await fleet.inspect();
  const { customer, stackSet } = request;
  const follows = addsAccounts(stackSet.permissions);
  const steps = planSteps(targets, live.instances, follows).filter(isChosen);
  const comparable = live.instances
    .filter(isChosen)
    .filter(({ state }) => state === 'current' || state === 'outdated');
  const checks = detect ? await detectAll(fleet, comparable, context) : [];
  return { rows: driftRows({ customer, stack, steps, checks, follows }), busy: live.busy };
}

async function detectAll(fleet: Fleet, instances: readonly Place[], { progress }: DeployContext) {
  const places = instances.map(({ account, region }) => ({ account, region }));
  if (places.length === 0) return [];
  progress.begin(places.length);
  return fleet.detectDrift(places);
}
