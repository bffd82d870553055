import { explainCallError } from './call-error.ts';
import type { DeployContext } from './context.ts';
import type { Fleet } from './fleet.ts';
import type { Option } from './fleets.ts';
import { chooseFleet, readerFleet } from './fleets.ts';
import type { DeployPlan, ReaderStep } from './plan.ts';
import { changes, planSteps } from './plan.ts';
import type { DeployRequest } from './request.ts';
import type { InstanceResult } from './result.ts';
import { rollOut } from './rollout.ts';

export type DeployReport =
  | { readonly kind: 'unchanged'; readonly plan: DeployPlan }
  | { readonly kind: 'declined'; readonly plan: DeployPlan }
  | { readonly kind: 'done'; readonly plan: DeployPlan; readonly results: readonly InstanceResult[] }
  /** Stopped by the signal. What had begun in AWS goes on, and the next run waits for it. */
  | { readonly kind: 'interrupted' };

/** Asked with the whole plan before the first write. */
export type Approve = (plan: DeployPlan) => Promise<boolean>;

/** Makes a customer's accounts what the request says. Again: does what is left, which may be nothing. */
export async function deploy(
  request: DeployRequest,
  context: DeployContext,
  approve: Approve,
): Promise<DeployReport> {
  try {
    return await run(request, context, approve);
  } catch (error) {
    if (context.signal.aborted) return { kind: 'interrupted' };
    throw explainCallError(error, `deploying ${request.customer} with account ${request.adminAccount}`);
  } finally {
    context.progress.end();
  }
}

async function run(request: DeployRequest, context: DeployContext, approve: Approve): Promise<DeployReport> {
  const option = await chooseFleet(request, context);
  const reader = readerFleet(request, context);
  const resumed = await resume([option.fleet, ...(reader ? [reader] : [])]);
  const plan = await makePlan(request, option, reader);

  if (resumed.some(({ status }) => status !== 'succeeded')) return { kind: 'done', plan, results: resumed };
  if (changes(plan).length === 0) {
    return resumed.length > 0 ? { kind: 'done', plan, results: resumed } : { kind: 'unchanged', plan };
  }
  if (!(await approve(plan))) return { kind: 'declined', plan };
  const { firstWave } = request;
  const results = await rollOut({ plan, fleet: option.fleet, reader, firstWave }, context);
  return { kind: 'done', plan, results: [...resumed, ...results] };
}

/** Ends what an earlier run began, before anything is planned. */
async function resume(fleets: readonly Fleet[]): Promise<InstanceResult[]> {
  const results: InstanceResult[] = [];
  for (const fleet of fleets) {
    if ((await fleet.inspect()).busy) results.push(...(await fleet.attach()));
  }
  return results;
}

async function makePlan(request: DeployRequest, option: Option, reader?: Fleet): Promise<DeployPlan> {
  const { customer, adminAccount, collector, targets, stackSet } = request;
  const { instances } = await option.fleet.inspect();
  const readerStep = reader && (await planReader(request, reader));
  return {
    customer,
    mode: option.mode,
    name: collector.name,
    adminAccount,
    homeRegion: stackSet.homeRegion,
    templateVersion: collector.template.version,
    templateSha256: collector.template.sha256,
    parameters: collector.parameters,
    tags: collector.tags,
    steps: planSteps(targets, instances),
    ...(readerStep && { reader: readerStep }),
  };
}

async function planReader(request: DeployRequest, reader: Fleet): Promise<ReaderStep | undefined> {
  const place = { account: request.adminAccount, region: request.stackSet.homeRegion };
  const [step] = planSteps([place], (await reader.inspect()).instances);
  return step && request.reader && { ...step, stack: request.reader.name };
}
