import type { ErrorCode } from '../model/error.ts';
import type { DriftCheck, DriftedResource } from './drift-check.ts';
import { explainFailure } from './failure.ts';
import type { Place } from './places.ts';
import { placeKey } from './places.ts';
import type { PlanStep } from './plan.ts';

/** How one stack compares with the configuration and with what it was made from: one row of every output. */
export interface DriftRow extends Place {
  readonly customer: string;
  readonly stack: string;
  /** `extra`: nobody wants it any more. `stuck`: CloudFormation cannot change it. `unknown`: it could not be looked at. */
  readonly state: 'in-sync' | 'outdated' | 'missing' | 'extra' | 'drifted' | 'stuck' | 'unknown' | 'off';
  readonly reason?: string;
  /** Only where something is wrong. */
  readonly code?: ErrorCode;
  readonly fix?: string;
  /** When CloudFormation compared; absent: it was not asked. */
  readonly checkedAt?: string;
  /** What differs in AWS. */
  readonly resources?: readonly DriftedResource[];
}

/** What rows are made of. */
export interface DriftFacts {
  readonly customer: string;
  readonly stack: string;
  /** What a deployment would do. */
  readonly steps: readonly PlanStep[];
  readonly checks: readonly DriftCheck[];
  /** AWS itself makes stacks in accounts that join an organization: then one that nobody named is nothing wrong. */
  readonly follows: boolean;
}

type Finding = Omit<DriftRow, 'customer' | 'stack' | keyof Place>;

/** One row for each stack; two for one that is outdated and was changed by hand as well. */
export function driftRows({ customer, stack, steps, checks, follows }: DriftFacts): DriftRow[] {
  const byPlace = new Map(checks.map((check) => [placeKey(check), check]));
  return steps.flatMap((step) => {
    const { account, region } = step;
    const found = findings({ step, check: byPlace.get(placeKey(step)), customer, follows });
    return found.map((finding) => ({ customer, account, region, stack, ...finding }));
  });
}

/** Wrong is what should stand there and does not, or not so. */
export function isFinding({ code }: DriftRow): boolean {
  return code !== undefined;
}

/** Something of this stack was not seen. */
export function isUnseen({ state, reason }: DriftRow): boolean {
  return state === 'unknown' || (state === 'drifted' && reason !== undefined);
}

interface Evidence extends Pick<DriftFacts, 'customer' | 'follows'> {
  readonly step: PlanStep;
  readonly check: DriftCheck | undefined;
}

function findings({ step, check, customer, follows }: Evidence): readonly Finding[] {
  const release = follows && isNamedByNobody(step) ? inSync(step) : releaseFinding(step, customer);
  const live = check ? liveFinding(check, customer) : undefined;
  if (!live) return [release];
  if (release.state === 'in-sync') return [live];
  return live.state === 'in-sync' ? [release] : [release, live];
}

function isNamedByNobody({ action, reason }: PlanStep): boolean {
  return action === 'none' && reason !== undefined;
}

function inSync({ reason }: PlanStep): Finding {
  return { state: 'in-sync', ...(reason !== undefined && { reason }) };
}

/** By its tags: whether it is of this release and configuration. */
function releaseFinding(step: PlanStep, customer: string): Finding {
  const { action, reason, code } = step;
  const why = reason === undefined ? {} : { reason };
  const by = (verb: string) => ({ fix: `guardrelay ${verb} --customer ${customer}` });
  switch (action) {
    case 'none':
      return isNamedByNobody(step) ? { state: 'extra', ...EXTRA } : inSync(step);
    case 'off':
      return { state: 'off', ...why };
    case 'create':
      return { state: 'missing', code: 'CFN-004', reason: 'the stack is missing', ...why, ...by('deploy') };
    case 'update':
      return { state: 'outdated', code: 'CFN-004', reason: OUTDATED, ...why, ...by('update') };
    case 'delete':
      return { state: 'extra', ...EXTRA };
    case 'skip':
      return code !== undefined && (step.fix !== undefined || code === 'CFN-002')
        ? { state: 'stuck', ...why, code, fix: step.fix ?? STATE_FIX }
        : unseen(reason ?? 'AWS gave no reason');
  }
}

const STATE_FIX = 'Bring it into order as its page says for this state.';
const OUTDATED = 'the stack is of another release or configuration';
const EXTRA = {
  code: 'CFN-004',
  reason: 'the stack is there, but not in the configuration',
  fix: 'Put the region back into the configuration, or delete the stack: docs/errors/CFN-004.md',
} as const;

/** By what stands in AWS. */
function liveFinding(check: DriftCheck, customer: string): Finding {
  switch (check.kind) {
    case 'in-sync':
      return { state: 'in-sync', checkedAt: iso(check.checkedAt) };
    case 'unknown':
      return unseen(check.reason);
    case 'drifted': {
      const { resources, reason, checkedAt } = check;
      const why = reason === undefined ? {} : { reason };
      const fix = `guardrelay doctor --customer ${customer}   (names the command that puts each back)`;
      return { state: 'drifted', code: 'CFN-005', ...why, fix, checkedAt: iso(checkedAt), resources };
    }
  }
}

function unseen(reason: string): Finding {
  const fix = 'Remove the cause that AWS names, then run the same command again.';
  return { state: 'unknown', reason, code: explainFailure(reason).code, fix };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
