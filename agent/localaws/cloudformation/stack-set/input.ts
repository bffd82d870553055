import { z } from 'zod';

import { count, flag, listOf, parameters, requestToken } from '../input.ts';
import { invalid } from '../invalid.ts';
import type { Target } from './stack-set.ts';

const percentage = count.max(100);

/** API reference, StackSetOperationPreferences: of each pair at most one. */
const preferences = z
  .object({
    RegionConcurrencyType: z.enum(['SEQUENTIAL', 'PARALLEL']).optional(),
    RegionOrder: listOf(z.string()).optional(),
    FailureToleranceCount: count.optional(),
    FailureTolerancePercentage: percentage.optional(),
    MaxConcurrentCount: count.min(1).optional(),
    MaxConcurrentPercentage: percentage.min(1).optional(),
    ConcurrencyMode: z.enum(['STRICT_FAILURE_TOLERANCE', 'SOFT_FAILURE_TOLERANCE']).optional(),
  })
  .refine(
    (given) => given.FailureToleranceCount === undefined || given.FailureTolerancePercentage === undefined,
    {
      error: 'Specify either FailureToleranceCount or FailureTolerancePercentage, but not both',
    },
  )
  .refine((given) => given.MaxConcurrentCount === undefined || given.MaxConcurrentPercentage === undefined, {
    error: 'Specify either MaxConcurrentCount or MaxConcurrentPercentage, but not both',
  });

const named = {
  StackSetName: z.string(),
  CallAs: z.literal('SELF', { error: 'localaws knows no delegated administrators' }).default('SELF'),
};

/** The members of every call that begins an operation. */
export const operationMembers = {
  ...named,
  OperationId: requestToken.optional(),
  OperationPreferences: preferences.default({}),
};

const accounts = listOf(z.string().regex(/^[0-9]{12}$/, { error: 'an account id has 12 digits' }));

/** The members that say where. Self-managed sets know no DeploymentTargets. */
export const targetMembers = {
  Accounts: accounts.default([]),
  Regions: listOf(z.string()).default([]),
  DeploymentTargets: z
    .undefined({ error: 'StackSets with SELF_MANAGED permission model can only have accounts as target' })
    .optional(),
};

export const changeInstances = z.object({
  ...operationMembers,
  ...targetMembers,
  ParameterOverrides: parameters.optional(),
});
export const deleteInstances = z.object({ ...operationMembers, ...targetMembers, RetainStacks: flag });

export const ofSet = z.object(named);

/** Every account in every region. */
export function targetsIn({
  Accounts,
  Regions,
}: {
  Accounts: readonly string[];
  Regions: readonly string[];
}): readonly Target[] {
  if (Accounts.length === 0 || Regions.length === 0) throw invalid('Accounts and Regions must be specified');
  return Regions.flatMap((region) => Accounts.map((account) => ({ account, region })));
}
