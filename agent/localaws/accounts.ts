import { regionsOf } from './regions.ts';
import { AwsError } from './service.ts';
import type { AccountSpec, Accounts, RegionState } from './world.ts';

interface Account {
  readonly partition: string;
  readonly email: string | undefined;
  readonly regions: readonly RegionState[];
}

function open({ partition = 'aws', email, regions }: AccountSpec): Account {
  const { onByDefault, optIn } = regionsOf(partition);
  const enabled = new Set(regions ?? onByDefault);
  const states = [
    ...onByDefault.map((region) => ({ region, on: 'ENABLED_BY_DEFAULT' as const })),
    ...optIn.map((region) => ({ region, on: 'ENABLED' as const })),
  ].map(({ region, on }): RegionState => ({ region, status: enabled.has(region) ? on : 'DISABLED' }));
  return { partition, email, regions: states.sort((a, b) => (a.region < b.region ? -1 : 1)) };
}

/** The accounts of the embedded cloud; none to begin with. */
export function createAccounts(): Accounts {
  const accounts = new Map<string, Account>();

  function account(id: string): Account {
    const found = accounts.get(id);
    if (!found) throw new AwsError('AccountNotFoundException', `Account ${id} does not exist`);
    return found;
  }

  return {
    add: (spec) => void accounts.set(spec.id, open(spec)),
    has: (id) => accounts.has(id),
    partition: (id) => account(id).partition,
    email: (id) => account(id).email,
    regions: (id) => account(id).regions,
    isEnabled: ({ account: id, region }) =>
      accounts.get(id)?.regions.some((state) => state.region === region && state.status !== 'DISABLED') ??
      false,
  };
}
