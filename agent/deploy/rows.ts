import type { ErrorCode } from '../model/error.ts';
import type { Explanation } from './failure.ts';
import { explainFailure } from './failure.ts';
import type { Place } from './places.ts';
import { placeKey } from './places.ts';
import type { DeployPlan, PlanStep } from './plan.ts';
import { rolePlans } from './plan.ts';
import type { Removal } from './removal.ts';
import type { InstanceResult } from './result.ts';

/** What was to be done in one place and what became of it: one row of every output. */
export interface DeployRow {
  readonly customer: string;
  readonly account: string;
  readonly region: string;
  readonly stack: string;
  readonly action: PlanStep['action'];
  /**
   * `untouched`: planned, but nothing was begun, because an earlier wave failed or goes on. `planned`: not even tried.
   * `unproven`: it stands, but it is not seen to work.
   */
  readonly status:
    | InstanceResult['status']
    | 'unchanged'
    | 'skipped'
    | 'off'
    | 'untouched'
    | 'planned'
    | 'unproven';
  readonly reason?: string;
  /** The StackSet operation that was left to AWS. */
  readonly operation?: string;
  /** The kind of the event that proved the source, and its time. */
  readonly provenBy?: string;
  readonly provenAt?: string;
  /** Only where something is wrong. */
  readonly code?: ErrorCode;
  readonly fix?: string;
}

/** One row for each step of the plan, in its order. */
export function deployRows(plan: DeployPlan, results: readonly InstanceResult[]): DeployRow[] {
  const byStack = new Map(results.map((result) => [stackKey(result.stack, result), result]));
  const rowOf = (stack: string, step: PlanStep): DeployRow => {
    const { account, region, action } = step;
    const outcome = outcomeOf(step, byStack.get(stackKey(stack, step)));
    return { customer: plan.customer, account, region, stack, action, ...outcome };
  };
  const collectors = plan.steps.map((step) => rowOf(plan.name, step));
  const roles = rolePlans(plan).flatMap(({ stack, steps }) => steps.map((step) => rowOf(stack, step)));
  return [...roles, ...collectors];
}

/** The same for a plan that nobody has carried out. */
export function plannedRows(plan: DeployPlan): DeployRow[] {
  return deployRows(plan, []).map((row) =>
    row.status === 'untouched' ? { ...row, status: 'planned' } : row,
  );
}

/** One row for each stack that was to be removed. */
export function removalRows(
  customer: string,
  removals: readonly Removal[],
  results: readonly InstanceResult[],
): DeployRow[] {
  const outcomes = new Map(results.map((result) => [stackKey(result.stack, result), resultOutcome(result)]));
  return removals.flatMap(({ name, places }) =>
    places.map(({ account, region }) => ({
      customer,
      account,
      region,
      stack: name,
      action: 'delete' as const,
      ...(outcomes.get(stackKey(name, { account, region })) ?? { status: 'untouched' as const }),
    })),
  );
}

/** Wrong is what should stand there and does not. */
export function isProblem({ code }: DeployRow): boolean {
  return code !== undefined;
}

function stackKey(stack: string, place: Place): string {
  return `${stack}/${placeKey(place)}`;
}

type Outcome = Pick<DeployRow, 'status' | 'reason' | 'operation' | 'code' | 'fix'>;

function outcomeOf(step: PlanStep, result: InstanceResult | undefined): Outcome {
  if (result) return resultOutcome(result);
  const reason = step.reason === undefined ? {} : { reason: step.reason };
  switch (step.action) {
    case 'none':
      return { status: 'unchanged', ...reason };
    case 'off':
      return { status: 'off', ...reason };
    case 'skip':
      return { status: 'skipped', ...reason, ...skipExplanation(step) };
    case 'create':
    case 'update':
    case 'delete':
      return { status: 'untouched', ...reason };
  }
}

const STATE_FIX =
  'Bring it into order as docs/errors/CFN-002.md says for this state, then run the same command again.';

function skipExplanation({ code, reason, fix }: PlanStep): Partial<Explanation> {
  if (code === undefined) return {};
  if (fix !== undefined) return { code, fix };
  return { code, fix: code === 'CFN-002' ? STATE_FIX : explainFailure(reason).fix };
}

function resultOutcome({ status, reason, explanation, operation }: InstanceResult): Outcome {
  const words = { ...(reason !== undefined && { reason }), ...(operation !== undefined && { operation }) };
  return status === 'failed' || status === 'cancelled'
    ? { status, ...words, ...(explanation ?? explainFailure(reason)) }
    : { status, ...words };
}
