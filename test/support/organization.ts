import type { LocalAws } from '../../agent/localaws/server.ts';
import type { Member, Organization, OrganizationSpec } from '../../agent/localaws/world.ts';

/** An organization whose management account is named first; every account exists and has the regions of the partition. */
export function addOrganization(
  { world }: LocalAws,
  management: string,
  spec: Partial<OrganizationSpec> & {
    readonly members: readonly (Partial<Member> & { readonly id: string })[];
  },
): Organization {
  const { members, ...parts } = spec;
  const accounts = [{ id: management }, ...members].map(named);
  for (const { id } of accounts) if (!world.accounts.has(id)) world.accounts.add({ id });
  world.organizations.add({ management, accounts, ...parts });
  const organization = world.organizations.of(management);
  if (!organization) throw new Error('the organization was not added');
  return organization;
}

/** An account with a name and an address. */
export function named(member: Partial<Member> & { readonly id: string }): Member {
  return { name: `account-${member.id}`, email: `${member.id}@acme.example`, ...member };
}
