import { createHash } from 'node:crypto';
import { z } from 'zod';

import { EXIT, GuardrelayError } from '../model/error.ts';
import { changes, type DeployPlan } from './plan.ts';

const SCHEMA = 'guardrelay.plan/v1';

const document = z.object({
  schema: z.literal(SCHEMA),
  plans: z.array(z.looseObject({ customer: z.string(), sha256: z.string() })),
});

/** Plans that somebody may have read and agreed to, by customer. */
export interface SavedPlans {
  readonly customers: readonly string[];
  /** Fails unless this plan is, in every respect, the one that was saved for its customer. */
  require(plan: DeployPlan): void;
}

/** Plans as a file, for people to read and for `deploy` to hold itself to. */
export function planDocument(plans: readonly DeployPlan[], madeAt: Date): string {
  const entries = plans.map((plan) => ({ ...plan, sha256: digestOf(plan) }));
  return `${JSON.stringify({ schema: SCHEMA, madeAt: madeAt.toISOString(), plans: entries }, undefined, 2)}\n`;
}

/** Reads what `planDocument` wrote; `name` is for messages. */
export function readPlans(text: string, name: string): SavedPlans {
  const { data: saved, error } = document.safeParse(jsonOf(text));
  if (!saved) throw unreadable(name, error);
  const digests = new Map(saved.plans.map(({ customer, sha256 }) => [customer, sha256]));
  return {
    customers: [...digests.keys()],
    require(plan) {
      if (digests.get(plan.customer) !== digestOf(plan)) throw outdated(plan, name);
    },
  };
}

function digestOf(plan: DeployPlan): string {
  return createHash('sha256').update(JSON.stringify(plan)).digest('hex');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreadable(name: string, cause: unknown): GuardrelayError {
  return new GuardrelayError('CLI-001', `${name} is no plan that guardrelay has saved`, {
    exitCode: EXIT.usage,
    fix: 'Make one: guardrelay plan --out FILE',
    cause,
  });
}

function outdated(plan: DeployPlan, name: string): GuardrelayError {
  const message = `the plan for ${plan.customer} in ${name} no longer holds: the configuration, this release or what AWS has is not what it was; now ${changes(plan).length} stacks would change`;
  return new GuardrelayError('CFN-013', message, {
    exitCode: EXIT.usage,
    fix: `Look at it again and save it anew: guardrelay plan --customer ${plan.customer} --out ${name}`,
  });
}
