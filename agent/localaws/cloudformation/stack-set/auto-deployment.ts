import type { Move, World } from '../../world.ts';
import { ensureInstances } from './ensure-instance.ts';
import type { SetWork } from './set-work.ts';
import type { ServiceManaged, StackInstance, StackSet } from './stack-set.ts';
import type { StackSets } from './stack-sets.ts';

interface Followers {
  readonly world: World;
  readonly sets: StackSets;
  readonly work: SetWork;
}

interface Automatic {
  readonly action: 'CREATE' | 'DELETE';
  readonly instances: readonly StackInstance[];
  readonly retainStacks?: boolean;
}

/**
 * Lets sets with automatic deployment follow the accounts of their organization. Filters by account do not count
 * then, and neither do operation preferences (CloudFormation User Guide, "Enable or disable automatic deployments").
 */
export function followOrganizations({ world, sets, work }: Followers): void {
  world.organizations.watch((move) => {
    for (const set of sets.all()) {
      const { permissions, home, status } = set;
      if (permissions.model === 'SELF_MANAGED' || !permissions.autoDeployment.isEnabled) continue;
      const isTheirs = home.account === move.organization.management && home.account !== move.account;
      if (status === 'ACTIVE' && isTheirs) follow(set, permissions, move);
    }
  });

  function follow(set: StackSet, { autoDeployment, unitRegions }: ServiceManaged, move: Move): void {
    const { account, before, after } = move;
    const wanted = [...unitRegions].filter(([unit]) => after.includes(unit));
    const joined = wanted.filter(([unit]) => !before.includes(unit));
    const left = [...set.instances.values()].filter(
      (instance) => instance.account === account && !after.includes(instance.unit),
    );
    const stays = ({ region }: StackInstance): boolean => wanted.some(([, regions]) => regions.has(region));
    const { retainsStacks: retainStacks } = autoDeployment;
    begin(set, { action: 'DELETE', retainStacks, instances: left.filter((instance) => !stays(instance)) });
    const targets = joined.flatMap(([unit, regions]) =>
      [...regions].map((region) => ({ account, region, unit })),
    );
    begin(set, { action: 'CREATE', instances: ensureInstances(set, targets) });
  }

  function begin(set: StackSet, { instances, ...asked }: Automatic): void {
    if (instances.length === 0) return;
    const operation = { ...asked, id: world.nextId(), request: {}, preferences: {} };
    work.begin(set, { ...operation, isAutomatic: true, prepare: () => instances });
  }
}
