import type { ResolvedCustomer } from '../../config/config.ts';
import type { FoundSource } from '../../discover/sources.ts';
import { EXIT, GuardrelayError } from '../../model/error.ts';
import { placeSelection, withAccount } from '../select-places.ts';

export interface PlaceWishes {
  readonly customer?: readonly string[] | undefined;
  readonly account?: string | undefined;
  readonly region?: string | undefined;
}

/** The customers that a test asks for, with the accounts that it asks for: without any wish the first alone. */
export function testedCustomers(
  customers: readonly ResolvedCustomer[],
  { customer, account, region }: PlaceWishes,
): readonly ResolvedCustomer[] {
  const having = withAccount(customers, account);
  const isWished = customer !== undefined || account !== undefined || region !== undefined;
  const id = account?.replaceAll('-', '');
  return (isWished ? having : having.slice(0, 1)).map((each) => {
    const collect = each.accounts.collect.filter((one) => id === undefined || one === id);
    return { ...each, accounts: { ...each.accounts, collect } };
  });
}

/** A log group for each region that is asked for; where no region is, one of each customer. */
export function testedSources(
  sources: readonly FoundSource[],
  customers: readonly ResolvedCustomer[],
  wishes: PlaceWishes,
): readonly FoundSource[] {
  const isChosen = placeSelection(wishes) ?? (() => true);
  const chosen = customers.flatMap(({ id, stack: { homeRegion } }) => {
    const own = sources.filter((source) => source.customer === id && isChosen(source));
    if (wishes.region !== undefined) return onePerPlace(own);
    return (own.find(({ region }) => region === homeRegion) ?? own[0]) || [];
  });
  if (chosen.length > 0) return chosen;
  throw new GuardrelayError('CLI-001', `No region to test: ${nothingText(wishes)}`, {
    exitCode: EXIT.usage,
    fix: 'guardrelay status names every region that is read; in hub mode only the hub is.',
  });
}

function nothingText({ account, region }: PlaceWishes): string {
  const named = [
    account !== undefined && `--account ${account}`,
    region !== undefined && `--region ${region}`,
  ];
  const said = named.filter((text) => text !== false).join(' ');
  return said === '' ? 'no log group of a customer was found' : `nothing that is read fits ${said}`;
}

/** Where a region has several log groups, nobody knows which one an event will come to. */
function onePerPlace(sources: readonly FoundSource[]): readonly FoundSource[] {
  const byPlace = Map.groupBy(sources, ({ account, region }) => `${account} ${region}`);
  return [...byPlace.values()].flatMap(([first]) => first ?? []);
}
