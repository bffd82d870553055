import { z } from 'zod';

import { answering, operationsRefusing } from '../operation.ts';
import { hasUnit } from '../organizations.ts';
import { pageOf } from '../paging.ts';
import type { Caller, Service } from '../service.ts';
import { AwsError } from '../service.ts';
import type { Member, Organization, World } from '../world.ts';

const operation = operationsRefusing('InvalidInputException');

const LARGEST_PAGE = 20;
const paged = {
  MaxResults: z.int().min(1).max(LARGEST_PAGE).default(LARGEST_PAGE),
  NextToken: z.string().optional(),
};
const listAccounts = z.object(paged);
const listChildren = z.object({ ...paged, ParentId: z.string() });

/** AWS Organizations: which accounts belong together. */
export function createOrganizationsService({ clock, accounts, organizations }: World): Service {
  function organizationOf({ account }: Caller): Organization {
    const own = organizations.of(account);
    if (own) return own;
    throw new AwsError(
      'AWSOrganizationsNotInUseException',
      'Your account is not a member of an organization.',
    );
  }

  /** Only the management account and delegated administrators may look around. */
  function organizationShownTo(caller: Caller): Organization {
    const own = organizationOf(caller);
    const mayLook = [own.management, ...own.delegated, ...own.stackSetAdministrators];
    if (mayLook.includes(caller.account)) return own;
    throw new AwsError('AccessDeniedException', "You don't have permissions to access this resource.");
  }

  function arnOf({ management }: Organization, resource: string): string {
    const partition = accounts.has(management) ? accounts.partition(management) : 'aws';
    return `arn:${partition}:organizations::${management}:${resource}`;
  }

  function shown(organization: Organization, { id, name, email, isSuspended }: Member): unknown {
    return {
      Id: id,
      Arn: arnOf(organization, `account/o-localaws01/${id}`),
      Name: name,
      Email: email,
      State: isSuspended ? 'SUSPENDED' : 'ACTIVE',
      JoinedMethod: id === organization.management ? 'INVITED' : 'CREATED',
      JoinedTimestamp: clock.now() / 1_000,
    };
  }

  /** What stands directly under the root or a unit. */
  function below<Child>(
    organization: Organization,
    parent: string,
    children: Iterable<Child>,
    parentOf: (child: Child) => string | undefined,
  ): readonly Child[] {
    if (!hasUnit(organization, parent)) {
      throw new AwsError('ParentNotFoundException', "You specified a parent that doesn't exist.");
    }
    return [...children].filter((child) => (parentOf(child) ?? organization.rootId) === parent);
  }

  return {
    signingName: 'organizations',
    protocol: 'json-1.1',
    wireName: 'AWSOrganizationsV20161128',
    resources: [],
    handle: answering({
      DescribeOrganization: operation(z.object({}), (_, caller) => {
        const organization = organizationOf(caller);
        return {
          Organization: {
            Id: 'o-localaws01',
            Arn: arnOf(organization, 'organization/o-localaws01'),
            FeatureSet: 'ALL',
            MasterAccountId: organization.management,
            MasterAccountArn: arnOf(organization, `account/o-localaws01/${organization.management}`),
          },
        };
      }),
      ListAccounts: operation(listAccounts, (page, caller) => {
        const organization = organizationShownTo(caller);
        const { items, nextToken } = pageAsked([...organization.members.values()], page);
        return { Accounts: items.map((member) => shown(organization, member)), NextToken: nextToken };
      }),
      ListAccountsForParent: operation(listChildren, ({ ParentId, ...page }, caller) => {
        const organization = organizationShownTo(caller);
        const own = below(organization, ParentId, organization.members.values(), ({ unit }) => unit);
        const { items, nextToken } = pageAsked(own, page);
        return { Accounts: items.map((member) => shown(organization, member)), NextToken: nextToken };
      }),
      ListOrganizationalUnitsForParent: operation(listChildren, ({ ParentId, ...page }, caller) => {
        const organization = organizationShownTo(caller);
        const own = below(organization, ParentId, organization.units, ({ parent }) => parent);
        const { items, nextToken } = pageAsked(own, page);
        const Arn = (id: string): string => arnOf(organization, `ou/o-localaws01/${id}`);
        return {
          OrganizationalUnits: items.map(({ id }) => ({ Id: id, Arn: Arn(id), Name: id })),
          NextToken: nextToken,
        };
      }),
    }),
  };
}

function pageAsked<Item>(
  items: readonly Item[],
  { MaxResults: limit, NextToken: nextToken }: z.output<typeof listAccounts>,
) {
  return pageOf(items, { limit, nextToken, invalidCode: 'InvalidInputException' });
}
