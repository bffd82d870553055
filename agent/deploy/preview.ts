import { explainCallError } from './call-error.ts';
import type { DeployContext } from './context.ts';
import { chooseFleet, roleFleets } from './fleets.ts';
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
    const { reader, forwarding } = roleFleets(request, context);
    const [live, readerLive, forwardingLive] = await Promise.all([
      fleet.inspect(),
      reader?.inspect(),
      forwarding?.inspect(),
    ]);
    const made = makePlan(request, { mode, live, readerLive, forwardingLive });
    const plan = await foresee(made, context);
    return { plan, busy: [live, readerLive, forwardingLive].some((each) => each?.busy) };
  } catch (error) {
    throw explainCallError(error, `planning ${request.customer} with account ${request.adminAccount}`);
  } finally {
    context.progress.end();
  }
}
