import { z } from 'zod';

import { count, flag, listOf, parameters, requestToken } from '../input.ts';

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

export const callAs = z.enum(['SELF', 'DELEGATED_ADMIN']).default('SELF');

const named = { StackSetName: z.string(), CallAs: callAs };

/** The members of every call that begins an operation. */
export const operationMembers = {
  ...named,
  OperationId: requestToken.optional(),
  OperationPreferences: preferences.default({}),
};

const accounts = listOf(z.string().regex(/^[0-9]{12}$/, { error: 'an account id has 12 digits' }));

const deploymentTargets = z.object({
  OrganizationalUnitIds: listOf(
    z.string().regex(/^(ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}|r-[a-z0-9]{4,32})$/),
  ).default([]),
  Accounts: accounts.default([]),
  AccountFilterType: z.enum(['NONE', 'INTERSECTION', 'DIFFERENCE', 'UNION']).optional(),
});

/** The members that say where: Accounts for self-managed sets, DeploymentTargets for the others. */
export const targetMembers = {
  Accounts: accounts.default([]),
  Regions: listOf(z.string()).default([]),
  DeploymentTargets: deploymentTargets.optional(),
};
export type TargetMembers = z.output<z.ZodObject<typeof targetMembers>>;

export const changeInstances = z.object({
  ...operationMembers,
  ...targetMembers,
  ParameterOverrides: parameters.optional(),
});
export const deleteInstances = z.object({ ...operationMembers, ...targetMembers, RetainStacks: flag });

export const ofSet = z.object(named);
