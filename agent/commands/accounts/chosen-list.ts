import type { Config, ResolvedCustomer } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { EXIT, GuardrelayError } from '../../model/error.ts';
import { selectCustomers } from '../select-customers.ts';

export interface CustomerWish {
  readonly config?: string | undefined;
  readonly customer?: readonly string[] | undefined;
}

/** A customer, and the configuration with him alone. */
export interface ChosenCustomer {
  readonly config: Config;
  readonly customer: ResolvedCustomer;
}

/** The list of his accounts, too. */
export interface ChosenList extends ChosenCustomer {
  /** Need not be there yet. */
  readonly file: string;
}

/** The customer that `--customer` names; nobody need name the only one. */
export async function chosenCustomer(wish: CustomerWish): Promise<ChosenCustomer> {
  const config = selectCustomers(await loadConfig(wish.config, process.env), wish.customer);
  const { customers } = config;
  const [customer, another] = customers;
  if (customer && !another) return { config, customer };
  throw new GuardrelayError('CLI-001', 'A list of accounts belongs to one customer', {
    exitCode: EXIT.usage,
    fix: `Name one with --customer: ${customers.map(({ id }) => id).join(', ')}`,
  });
}

export async function chosenList(wish: CustomerWish): Promise<ChosenList> {
  const { config, customer } = await chosenCustomer(wish);
  const { file } = customer.accounts;
  if (file !== undefined) return { config, customer, file };
  throw new GuardrelayError('CLI-001', `Customer ${customer.id} has no list of accounts`, {
    exitCode: EXIT.usage,
    fix: `Add it where ${customer.id} is configured, a path from the folder of that file: accounts: { file: ${customer.id}.csv }`,
  });
}
