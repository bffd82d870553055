import { EXIT, GuardrelayError } from '../model/error.ts';
import type { LiveFleet } from './fleet.ts';
import type { Place } from './places.ts';
import type { DeployPlan, PlanStep, RolePlan } from './plan.ts';

/** The part of a plan that is wanted now. */
export interface Narrowing {
  /** What stands is brought up to date, and nothing new is made. */
  readonly existingOnly?: boolean;
  /** Whether a place was chosen; absent: all are. */
  selects?(place: Place): boolean;
}

/** The plan with everything beyond that part skipped. Refuses a part that AWS cannot change alone. */
export function narrow(
  plan: DeployPlan,
  { existingOnly = false, selects = () => true }: Narrowing,
  live: LiveFleet,
): DeployPlan {
  const { reader, forwarding } = plan;
  // A role stands once in its account, whichever regions of that were chosen.
  const accounts = new Set(plan.steps.filter(selects).map(({ account }) => account));
  const part = (step: PlanStep, isChosen: boolean): PlanStep => {
    if (!isChosen) return unselected(step);
    return existingOnly ? unmade(step, plan) : step;
  };
  const partOfRole = (role: RolePlan): RolePlan => ({
    ...role,
    steps: role.steps.map((step) => part(step, accounts.has(step.account))),
  });
  const narrowed = { ...plan, steps: plan.steps.map((step) => part(step, selects(step))) };
  if (live.changesAsOne) requireWhole(narrowed, live.instances.filter((each) => !selects(each)).length);
  return {
    ...narrowed,
    ...(reader && { reader: partOfRole(reader) }),
    ...(forwarding && { forwarding: partOfRole(forwarding) }),
  };
}

function unselected(step: PlanStep): PlanStep {
  const { account, region, action } = step;
  return action === 'off' || action === 'none'
    ? step
    : { account, region, action: 'skip', reason: 'not selected' };
}

function unmade(step: PlanStep, { customer }: DeployPlan): PlanStep {
  if (step.action !== 'create') return step;
  return { ...step, action: 'skip', reason: `not there yet: guardrelay deploy --customer ${customer}` };
}

/** CloudFormation User Guide, "Update your stack sets": stacks that an update does not name become OUTDATED. */
function requireWhole({ customer, name, steps }: DeployPlan, left: number): void {
  if (left === 0 || !steps.some(({ action }) => action === 'create' || action === 'update')) return;
  const message = `changing only some stacks of ${customer}: StackSet ${name} needs a new definition first, and that would leave what was not chosen OUTDATED, ${left === 1 ? '1 stack' : `${left} stacks`}`;
  throw new GuardrelayError('CLI-001', message, {
    exitCode: EXIT.usage,
    fix: `Run it for all of them, without --account and --region: guardrelay deploy --customer ${customer}. One region of one account is changed first, the others only if that succeeds.`,
  });
}
