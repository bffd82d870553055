import type { ResolvedCustomer } from '../config/config.ts';
import type { Place } from '../deploy/places.ts';
import { EXIT, GuardrelayError } from '../model/error.ts';
import { routesTo } from '../relay/routes.ts';

interface Selection {
  readonly account?: string | undefined;
  readonly region?: string | undefined;
}

/** Whether `--account` and `--region` mean a place; undefined: nothing was said, so all are meant. */
export function placeSelection({
  account,
  region = '*',
}: Selection): ((place: Place) => boolean) | undefined {
  if (account === undefined && region === '*') return undefined;
  const id = account?.replaceAll('-', '');
  const isChosen = (name: string): boolean => routesTo([{ id: '', regions: [region] }], name).length > 0;
  return (place) => (id === undefined || place.account === id) && isChosen(place.region);
}

/** The customers that have this account; absent: all. */
export function withAccount(
  customers: readonly ResolvedCustomer[],
  account: string | undefined,
): readonly ResolvedCustomer[] {
  if (account === undefined) return customers;
  const id = account.replaceAll('-', '');
  const having = customers.filter(({ accounts }) => accounts.collect.includes(id));
  if (having.length > 0) return having;
  throw new GuardrelayError('CLI-001', `The configuration has no account "${account}" to collect in.`, {
    exitCode: EXIT.usage,
    fix: `Name one of: ${customers.flatMap(({ accounts }) => accounts.collect).join(', ')}`,
  });
}

export function nothingSelected({ id }: ResolvedCustomer, { region }: Selection): GuardrelayError {
  return new GuardrelayError('CLI-001', `No region of customer ${id} is called "${region}".`, {
    exitCode: EXIT.usage,
    fix: `guardrelay plan --customer ${id} names them all.`,
  });
}
