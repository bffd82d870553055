import type { LiveFleet } from './fleet.ts';
import { narrow } from './narrow.ts';
import type { DeployMode, DeployPlan } from './plan.ts';
import { planSteps } from './plan.ts';
import { readerTargets } from './reader-targets.ts';
import type { DeployRequest } from './request.ts';

interface Findings {
  readonly mode: DeployMode;
  readonly live: LiveFleet;
  readonly readerLive: LiveFleet | undefined;
}

/** The plan for a request, by what AWS has now. */
export function makePlan(request: DeployRequest, { mode, live, readerLive }: Findings): DeployPlan {
  const { customer, adminAccount, collector, targets, stackSet, reader } = request;
  const organization = mode === 'stackset-organizations' ? organizationPlan(request) : undefined;
  const follows = organization?.autoDeploy ?? false;
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
    steps: planSteps(targets, live.instances, follows),
    ...(reader &&
      readerLive && {
        reader: {
          stack: reader.name,
          steps: planSteps(readerTargets(request), readerLive.instances, follows),
        },
      }),
    ...(organization && { organization }),
  };
  return request.narrowing ? narrow(plan, request.narrowing, live) : plan;
}

function organizationPlan({
  stackSet: { permissions },
  organization,
  adminAccount,
  targets,
}: DeployRequest): DeployPlan['organization'] {
  if (permissions.model === 'SELF_MANAGED') return undefined;
  const { organizationalUnits: units, autoDeploy } = permissions;
  const isOwn = organization?.managementAccount === adminAccount;
  const hasOwn = isOwn && targets.some(({ account }) => account === adminAccount);
  return { units, autoDeploy, ...(hasOwn && { ownStacks: adminAccount }) };
}
