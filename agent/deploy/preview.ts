import { explainCallError } from './call-error.ts';
import type { DeployContext } from './context.ts';
import { chooseFleet, readerFleet } from './fleets.ts';
import { foresee } from './foresight.ts';
import { makePlan } from './make-plan.ts';
import type { DeployPlan } from './plan.ts';
import type { DeployRequest } from './request.ts';

export interface Preview {
  readonly plan: DeployPlan;
  /** Work of an earlier run is still going on, so that the plan shows something that is about to change. */
  readonly busy: boolean;
}

/** What `deploy` would do now. It writes nothing and waits for nothing. */
export async function previewDeployment(request: DeployRequest, context: DeployContext): Promise<Preview> {
  try {
    const { mode, fleet } = await chooseFleet(request, context);
    const [live, readerLive] = await Promise.all([fleet.inspect(), readerFleet(request, context)?.inspect()]);
    const plan = await foresee(makePlan(request, { mode, live, readerLive }), context);
    return { plan, busy: live.busy || readerLive?.busy === true };
  } catch (error) {
    throw explainCallError(error, `planning ${request.customer} with account ${request.adminAccount}`);
  } finally {
    context.progress.end();
  }
}
