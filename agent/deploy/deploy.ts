import { explainCallError } from './call-error.ts';
import type { DeployContext } from './context.ts';
import { settle } from './fleet.ts';
import { chooseFleet, roleFleets } from './fleets.ts';
import { foresee } from './foresight.ts';
import { makePlan } from './make-plan.ts';
import type { DeployPlan } from './plan.ts';
import { changes } from './plan.ts';
import type { DeployRequest } from './request.ts';
import type { InstanceResult } from './result.ts';
import { isFinal } from './result.ts';
import { rollOut } from './rollout.ts';

export type DeployReport =
  | { readonly kind: 'unchanged'; readonly plan: DeployPlan }
  | { readonly kind: 'declined'; readonly plan: DeployPlan }
  | { readonly kind: 'done'; readonly plan: DeployPlan; readonly results: readonly InstanceResult[] }
  /** Begun and left to AWS. What waits for its end is not begun yet. */
  | { readonly kind: 'detached'; readonly plan: DeployPlan; readonly results: readonly InstanceResult[] }
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
  const { mode, fleet } = await chooseFleet(request, context);
  const roles = roleFleets(request, context);
  const stacks = await settle(fleet);
  const readers = roles.reader && (await settle(roles.reader));
  const forwarders = roles.forwarding && (await settle(roles.forwarding));
  const resumed = [stacks, readers, forwarders].flatMap((settled) => settled?.results ?? []);
  const lives = { live: stacks.live, readerLive: readers?.live, forwardingLive: forwarders?.live };
  const plan = await foresee(makePlan(request, { mode, ...lives }), context);

  if (!resumed.every(isFinal)) return { kind: 'detached', plan, results: resumed };
  if (resumed.some(({ status }) => status !== 'succeeded')) return { kind: 'done', plan, results: resumed };
  if (changes(plan).length === 0) {
    return resumed.length > 0 ? { kind: 'done', plan, results: resumed } : { kind: 'unchanged', plan };
  }
  if (!(await approve(plan))) return { kind: 'declined', plan };
  const rolled = await rollOut({ plan, fleet, roles, firstWave: request.firstWave }, context);
  const results = [...resumed, ...rolled];
  return { kind: results.every(isFinal) ? 'done' : 'detached', plan, results };
}
