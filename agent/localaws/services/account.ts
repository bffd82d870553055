import { z } from 'zod';

import { answering, operationsRefusing } from '../operation.ts';
import { pageOf } from '../paging.ts';
import type { Service } from '../service.ts';
import { AwsError } from '../service.ts';
import type { World } from '../world.ts';

const operation = operationsRefusing('ValidationException');

const listRegions = z.object({
  AccountId: z.string().optional(),
  MaxResults: z.int().min(1).max(50).default(20),
  NextToken: z.string().optional(),
  RegionOptStatusContains: z
    .array(z.enum(['ENABLED', 'ENABLING', 'DISABLING', 'DISABLED', 'ENABLED_BY_DEFAULT']))
    .optional(),
});

/** Account Management: which regions are on. */
export function createAccountService({ accounts, organizations }: World): Service {
  return {
    signingName: 'account',
    protocol: 'rest-json',
    wireName: '',
    routes: { ListRegions: 'POST /listRegions' },
    resources: [],
    handle: answering({
      ListRegions: operation(listRegions, (input, caller) => {
        const { AccountId = caller.account, RegionOptStatusContains: wanted } = input;
        // Only the management account of an organization may ask for another, which is a member of it.
        const manager = organizations.of(AccountId)?.management;
        if (AccountId !== caller.account && manager !== caller.account) {
          throw new AwsError('AccessDeniedException', `Account ${AccountId} is not yours to ask for.`, 403);
        }
        const states = accounts.regions(AccountId).filter(({ status }) => wanted?.includes(status) ?? true);
        const paging = {
          nextToken: input.NextToken,
          limit: input.MaxResults,
          invalidCode: 'ValidationException',
        };
        const { items, nextToken } = pageOf(states, paging);
        return {
          Regions: items.map(({ region, status }) => ({ RegionName: region, RegionOptStatus: status })),
          NextToken: nextToken,
        };
      }),
    }),
  };
}
