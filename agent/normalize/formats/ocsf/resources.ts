import type { Resource } from '../../../model/resource.ts';
import { filled } from '../../present.ts';
import { accountOf } from './account.ts';
import { filledList } from './attribute.ts';

/** What the finding says that its resources were in the attack. */
const ROLES: Readonly<Record<string, readonly [id: number, role: string]>> = {
  TARGET: [1, 'Target'],
  ACTOR: [2, 'Actor'],
};
const AFFECTED = [3, 'Affected'] as const;

function ownerOf({ account }: Resource) {
  return account === undefined ? undefined : { account: accountOf(account) };
}

/** Those that have a name. `data` is the finding's own description, as it is. */
export function resourcesOf(resources: readonly Resource[], stated: string | undefined, region: string) {
  const [roleId, role] = (stated && Object.hasOwn(ROLES, stated) && ROLES[stated]) || AFFECTED;
  return resources
    .filter(({ uid, name }) => (uid ?? name) !== undefined)
    .map((resource) => ({
      type: resource.type,
      uid: resource.uid,
      name: resource.name,
      role_id: roleId,
      role,
      ip: resource.ip,
      hostname: resource.hostname,
      region: resource.region ?? region,
      zone: resource.zone,
      namespace: resource.namespace,
      owner: ownerOf(resource),
      created_time: resource.created,
      modified_time: resource.modified,
      tags: filledList(resource.tags.map(({ key, value }) => ({ name: key, value }))),
      data: filled(resource.detail),
    }));
}

export type ResourceDetails = ReturnType<typeof resourcesOf>[number];
