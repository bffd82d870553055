import type { LiveFleet } from './fleet.ts';
import { narrow } from './narrow.ts';
import type { DeployMode, DeployPlan } from './plan.ts';
import { planSteps } from './plan.ts';
import type { DeployRequest } from './request.ts';

interface Findings {
  readonly mode: DeployMode;
  readonly live: LiveFleet;
  readonly readerLive: LiveFleet | undefined;
}

/** The plan for a request, by what AWS has now. */
export function makePlan(request: DeployRequest, { mode, live, readerLive }: Findings): DeployPlan {
  const { customer, adminAccount, collector, targets, stackSet, reader } = request;
  const readerPlace = { account: adminAccount, region: stackSet.homeRegion };
  const [readerStep] = readerLive ? planSteps([readerPlace], readerLive.instances) : [];
  const plan: DeployPlan = {
    customer,
    mode,
    name: collector.name,
    adminAccount,
    homeRegion: stackSet.homeRegion,
    templateVersion: collector.template.version,
    templateSha256: collector.template.sha256,
    parameters: collector.parameters,
    tags: collector.tags,
    steps: planSteps(targets, live.instances),
    ...(reader && readerStep && { reader: { ...readerStep, stack: reader.name } }),
  };
  return request.narrowing ? narrow(plan, request.narrowing, live) : plan;
}
