import type { Blueprint } from './blueprint.ts';
import type { LiveFleet } from './fleet.ts';
import { narrow } from './narrow.ts';
import { placeKey } from './places.ts';
import type { DeployMode, DeployPlan, PlanStep, RolePlan, Target } from './plan.ts';
import { planSteps } from './plan.ts';
import { readerTargets } from './reader-targets.ts';
import type { DeployRequest } from './request.ts';
import { addsAccounts } from './stack-set-permissions.ts';

interface Findings {
  readonly mode: DeployMode;
  readonly live: LiveFleet;
  readonly readerLive: LiveFleet | undefined;
  readonly forwardingLive: LiveFleet | undefined;
}

/** The plan for a request, by what AWS has now. */
export function makePlan(request: DeployRequest, findings: Findings): DeployPlan {
  const { mode, live, readerLive, forwardingLive } = findings;
  const { customer, adminAccount, collector, targets, stackSet, reader, forwarding } = request;
  const organization = mode === 'stackset-organizations' ? organizationPlan(request) : undefined;
  const follows = addsAccounts(stackSet.permissions);
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
    steps: planSteps(targets, live.instances, follows).map((step) => remarked(step, request)),
    ...(forwarding &&
      forwardingLive && {
        forwarding: rolePlan(forwarding, {
          targets: readerTargets({ targets, stackSet }),
          live: forwardingLive,
          follows,
        }),
      }),
    ...(reader &&
      readerLive && {
        reader: rolePlan(reader, { targets: readerTargets(request), live: readerLive, follows }),
      }),
    ...(organization && { organization }),
  };
  return request.narrowing ? narrow(plan, request.narrowing, live) : plan;
}

interface RoleFindings {
  readonly targets: readonly Target[];
  readonly live: LiveFleet;
  readonly follows: boolean;
}

function rolePlan({ name: stack }: Blueprint, { targets, live, follows }: RoleFindings): RolePlan {
  return { stack, steps: planSteps(targets, live.instances, follows) };
}

function remarked(step: PlanStep, { remarks }: DeployRequest): PlanStep {
  const reason = remarks?.get(placeKey(step));
  const isChange = step.action === 'create' || step.action === 'update';
  return isChange && reason !== undefined ? { ...step, reason } : step;
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
