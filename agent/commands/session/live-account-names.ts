import type { ResolvedCustomer } from '../../config/config.ts';
import { scopeOf } from '../../discover/customer.ts';
import {
  keepOrganizationNames,
  type OrganizationNames,
  type OrganizationNamesOptions,
} from '../../members/organization-names.ts';
import type { AccountDirectory, AccountNames } from '../../model/account-names.ts';
import { GuardrelayError } from '../../model/error.ts';
import type { Logger } from '../../model/logger.ts';
import { discoverCustomer } from '../../relay/discover-customer.ts';
import { readAccountNames } from '../account-names.ts';

type Parts = Pick<OrganizationNamesOptions, 'clients' | 'clock' | 'logger'>;

/** Names from files and, for customers who want it, from their organizations; dispose of it to ask no more. */
interface LiveAccountNames extends AsyncDisposable {
  readonly directory: AccountDirectory;
}

/** No reason to hold records back for longer. */
const FIRST_NAMES_MS = 10_000;

/** Returns when every organization has been asked once, or after ten seconds: names that come later are there then. */
export async function openAccountNames(
  customers: readonly ResolvedCustomer[],
  parts: Parts,
): Promise<LiveAccountNames> {
  const listed = await listedNames(customers, parts.logger);
  const directory = new Map(customers.map(({ id }) => [id, new Map(listed.get(id))]));
  const stopping = new AbortController();
  const keepers = customers.flatMap((customer): OrganizationNames[] => {
    const { names: wish, collect } = customer.accounts;
    const [account] = collect;
    if (wish !== 'organizations' || account === undefined) return [];
    const scope = scopeOf(discoverCustomer(customer), account);
    const told = (id: string, name: string): void => {
      if (!listed.get(customer.id)?.has(id)) directory.get(customer.id)?.set(id, name);
    };
    return [keepOrganizationNames({ ...parts, scope, told }, stopping.signal)];
  });
  await firstNames(keepers, parts);
  return {
    directory,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await Promise.all(keepers.map(({ ended }) => ended));
    },
  };
}

/** A list that cannot be read costs its own customer the names, and nobody a record. */
async function listedNames(
  customers: readonly ResolvedCustomer[],
  logger: Logger,
): Promise<AccountDirectory> {
  const each = customers.map(async (customer) => {
    try {
      return await readAccountNames([customer], logger);
    } catch (error) {
      if (!(error instanceof GuardrelayError)) throw error;
      const { code, fix } = error;
      logger.error('a list of accounts cannot be read', {
        ...{ code, customer: customer.id, reason: error.message, fix },
      });
      return new Map<string, AccountNames>();
    }
  });
  const read = await Promise.all(each);
  return new Map(read.flatMap((directory) => [...directory]));
}

async function firstNames(keepers: readonly OrganizationNames[], { clock }: Parts): Promise<void> {
  const waiting = new AbortController();
  const all = Promise.all(keepers.map(({ asked }) => asked));
  await Promise.race([all, clock.sleep(FIRST_NAMES_MS, waiting.signal)]);
  waiting.abort();
}
