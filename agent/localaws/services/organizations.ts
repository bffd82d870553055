import { z } from 'zod';

import { answering, operationsRefusing } from '../operation.ts';
import { pageOf } from '../paging.ts';
import type { Caller, Service } from '../service.ts';
import { AwsError } from '../service.ts';
import type { World } from '../world.ts';

const operation = operationsRefusing('InvalidInputException');

const LARGEST_PAGE = 20;
const listAccounts = z.object({
  MaxResults: z.int().min(1).max(LARGEST_PAGE).default(LARGEST_PAGE),
  NextToken: z.string().optional(),
});

/** A tree of accounts under one that pays for them all. */
interface Organization {
  /** The management account. */
  readonly management: string;
  /** Members that may ask for the whole organization, because they administer a service such as GuardDuty. */
  readonly delegated?: readonly string[];
  /** Every account, the management account too. */
  readonly accounts: readonly { readonly id: string; readonly name: string; readonly email: string }[];
}

/** Which organizations there are; none to begin with. */
export interface Organizations {
  add(organization: Organization): void;
}

/** AWS Organizations: which accounts belong together. */
export function createOrganizations({
  clock,
  accounts,
}: World): Organizations & { readonly service: Service } {
  const organizations: Organization[] = [];

  function organizationFor({ account }: Caller): Organization {
    const own = organizations.find((each) => each.accounts.some(({ id }) => id === account));
    if (!own) {
      throw new AwsError(
        'AWSOrganizationsNotInUseException',
        'Your account is not a member of an organization.',
      );
    }
    if (own.management !== account && !own.delegated?.includes(account)) {
      throw new AwsError('AccessDeniedException', "You don't have permissions to access this resource.");
    }
    return own;
  }

  function shown(
    { management }: Organization,
    { id, name, email }: Organization['accounts'][number],
  ): unknown {
    const partition = accounts.has(management) ? accounts.partition(management) : 'aws';
    return {
      Id: id,
      Arn: `arn:${partition}:organizations::${management}:account/o-localaws01/${id}`,
      Name: name,
      Email: email,
      Status: 'ACTIVE',
      JoinedMethod: id === management ? 'INVITED' : 'CREATED',
      JoinedTimestamp: clock.now() / 1_000,
    };
  }

  return {
    add: (organization) => void organizations.push(organization),
    service: {
      signingName: 'organizations',
      protocol: 'json-1.1',
      wireName: 'AWSOrganizationsV20161128',
      resources: [],
      handle: answering({
        ListAccounts: operation(listAccounts, ({ MaxResults: limit, NextToken }, caller) => {
          const organization = organizationFor(caller);
          const paging = { nextToken: NextToken, limit, invalidCode: 'InvalidInputException' };
          const { items, nextToken } = pageOf(organization.accounts, paging);
          return { Accounts: items.map((account) => shown(organization, account)), NextToken: nextToken };
        }),
      }),
    },
  };
}
