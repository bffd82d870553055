import type { Target } from './plan.ts';
import type { DeployRequest } from './request.ts';

/** Where the reader role shall stand: once in each account that is read with it, because IAM is global. */
export function readerTargets({
  targets,
  readerAccounts,
  stackSet,
}: Pick<DeployRequest, 'targets' | 'readerAccounts' | 'stackSet'>): readonly Target[] {
  const accounts = readerAccounts ?? new Set(targets.map(({ account }) => account));
  return [...accounts].map((account) => {
    const own = targets.filter((target) => target.account === account);
    const { off } = own.find(({ region }) => region === stackSet.homeRegion) ?? {};
    const obstacle = own.find((target) => target.obstacle)?.obstacle;
    return {
      account,
      region: stackSet.homeRegion,
      ...(off !== undefined && { off }),
      ...(obstacle && { obstacle }),
    };
  });
}
