import { z } from 'zod';
import type { Operation } from '../../operation.ts';
import { operationsRefusing } from '../../operation.ts';
import type { Caller } from '../../service.ts';
import { AwsError } from '../../service.ts';
import type { Organization, World } from '../../world.ts';
import { invalid } from '../invalid.ts';
import { callAs } from './input.ts';

const operation = operationsRefusing('ValidationError');
const nothing = z.object({});

/** Trusted access of StackSets to an organization: the management account switches it, administrators may look. */
export function organizationAccessOperations({ organizations }: World): Readonly<Record<string, Operation>> {
  function managedBy({ account }: Caller): Organization {
    const organization = organizations.of(account);
    if (organization?.management === account) return organization;
    throw new AwsError('InvalidOperationException', 'You must be the management account of an organization');
  }

  return {
    ActivateOrganizationsAccess: operation(nothing, (_, caller) => {
      managedBy(caller).hasStackSetAccess = true;
    }),
    DeactivateOrganizationsAccess: operation(nothing, (_, caller) => {
      managedBy(caller).hasStackSetAccess = false;
    }),
    DescribeOrganizationsAccess: operation(z.object({ CallAs: callAs }), ({ CallAs }, caller) => {
      const organization = organizations.of(caller.account);
      if (CallAs === 'DELEGATED_ADMIN' && !organization?.stackSetAdministrators.includes(caller.account)) {
        throw invalid('Account used is not a delegated administrator');
      }
      const isShown = CallAs === 'DELEGATED_ADMIN' || organization?.management === caller.account;
      return { Status: isShown && organization?.hasStackSetAccess ? 'ENABLED' : 'DISABLED' };
    }),
  };
}
