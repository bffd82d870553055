import type { Member, Move, Organization, OrganizationSpec, Organizations } from './world.ts';

const ROOT = 'r-loca';

interface StoredOrganization extends Organization {
  readonly members: Map<string, Member>;
}

/** The unit that an account is in, its parents, and the root; nothing for an account of somebody else. */
export function unitsOf({ members, units, rootId }: Organization, account: string): readonly string[] {
  const member = members.get(account);
  if (!member) return [];
  const path: string[] = [];
  for (let id = member.unit; id !== undefined; id = units.find((unit) => unit.id === id)?.parent)
    path.push(id);
  return [...path, rootId];
}

/** Whether the root or a unit of this id exists. */
export function hasUnit({ units, rootId }: Organization, id: string): boolean {
  return id === rootId || units.some((unit) => unit.id === id);
}

/** No organizations to begin with. */
export function createOrganizations(): Organizations {
  const all: StoredOrganization[] = [];
  const watchers: ((move: Move) => void)[] = [];

  function change(
    organization: Organization,
    account: string,
    apply: (own: StoredOrganization) => void,
  ): void {
    const own = all.find((each) => each === organization);
    if (!own) throw new Error('this organization is of another world');
    const before = unitsOf(own, account);
    apply(own);
    const after = unitsOf(own, account);
    for (const watcher of watchers) watcher({ organization, account, before, after });
  }

  return {
    add: (spec) => void all.push(open(spec)),
    of: (account) => all.find(({ members }) => members.has(account)),
    put: (organization, member) =>
      change(organization, member.id, ({ members }) => void members.set(member.id, member)),
    remove: (organization, account) =>
      change(organization, account, ({ members }) => void members.delete(account)),
    watch: (watcher) => void watchers.push(watcher),
  };
}

function open(spec: OrganizationSpec): StoredOrganization {
  const { management, accounts, units = [], delegated = [], stackSetAdministrators = [] } = spec;
  const members = new Map(accounts.map((member) => [member.id, member]));
  const hasStackSetAccess = stackSetAdministrators.length > 0;
  return { management, units, delegated, stackSetAdministrators, members, rootId: ROOT, hasStackSetAccess };
}
