import type { Caller } from '../../service.ts';
import type { Organization, World } from '../../world.ts';
import { invalid } from '../invalid.ts';

export type CallAs = 'SELF' | 'DELEGATED_ADMIN';

/** The organization whose service-managed sets a caller may work with; throws what AWS answers to others. */
export function administeredOrganization(
  { organizations }: World,
  { account }: Caller,
  callAs: CallAs,
): Organization {
  const organization = organizations.of(account);
  if (callAs === 'DELEGATED_ADMIN' && !organization?.stackSetAdministrators.includes(account)) {
    throw invalid('Account used is not a delegated administrator');
  }
  if (!organization?.hasStackSetAccess) {
    throw invalid('You must enable organizations access to operate a service managed stack set');
  }
  if (callAs === 'SELF' && organization.management !== account) {
    throw invalid(
      'You must be the management account or delegated admin account of an organization before operating a SERVICE_MANAGED stack set',
    );
  }
  return organization;
}
