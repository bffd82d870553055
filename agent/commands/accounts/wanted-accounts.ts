import type { ListedAccount, RefusedRow } from '../../members/accounts-csv.ts';
import { readAccountsFile } from '../../members/accounts-file.ts';
import { EXIT, GuardrelayError } from '../../model/error.ts';
import type { ChosenList } from './chosen-list.ts';

export interface AccountWish {
  readonly all: boolean;
  /** Ids with commas between them. */
  readonly account?: string | undefined;
}

interface Wanted {
  readonly accounts: readonly ListedAccount[];
  /** Rows of the list that nothing is done for. */
  readonly refused: readonly RefusedRow[];
}

/** What of a customer's list a command works on: all of it only if that was said. */
export async function wantedAccounts({ file, customer }: ChosenList, wish: AccountWish): Promise<Wanted> {
  const { accounts, refused } = await readAccountsFile(file);
  if (wish.all) return { accounts, refused };
  const ids = idsOf(wish);
  const missing = ids.filter((id) => !accounts.some((account) => account.id === id));
  if (missing.length === 0) return { accounts: accounts.filter(({ id }) => ids.includes(id)), refused: [] };
  throw new GuardrelayError('CLI-001', `The list ${file} does not have ${missing.join(' ')}`, {
    exitCode: EXIT.usage,
    fix: `guardrelay accounts add --customer ${customer.id} --account ${missing[0]} --email ADDRESS`,
  });
}

/** The accounts of `--account`, without dashes. */
export function idsOf({ account = '' }: Pick<AccountWish, 'account'>): readonly string[] {
  const ids = account.split(',').flatMap((id) => id.replaceAll('-', '').trim() || []);
  const wrong = ids.find((id) => !/^\d{12}$/.test(id));
  if (ids.length > 0 && wrong === undefined) return ids;
  const said = wrong === undefined ? 'No account is named' : `"${wrong}" is not the id of an account`;
  throw new GuardrelayError('CLI-001', said, {
    exitCode: EXIT.usage,
    fix: 'Name accounts by their 12 digits with --account ID[,ID], or all of the list with --all.',
  });
}
