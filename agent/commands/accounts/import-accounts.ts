import { realpath } from 'node:fs/promises';

import type { ScreenWishes } from '../../console/terminal/screen.ts';
import { type AccountList, parseAccount } from '../../members/accounts-csv.ts';
import { accountsTextIfAny, readAccountsFile, writeAccountsFile } from '../../members/accounts-file.ts';
import { mergeAccounts } from '../../members/edit-accounts.ts';
import { EXIT, type ExitCode } from '../../model/error.ts';
import { type CustomerWish, chosenList } from './chosen-list.ts';
import { printImported } from './imported-report.ts';

interface ListOptions extends CustomerWish, ScreenWishes {
  readonly dryRun: boolean;
}

interface ImportOptions extends ListOptions {
  readonly file: string;
}

interface AddOptions extends ListOptions {
  readonly account: string;
  readonly email: string;
  readonly name?: string | undefined;
}

/** Puts the accounts of a file into the customer's list. Rows that cannot be used cost the others nothing. */
export async function importAccounts({ file, ...options }: ImportOptions): Promise<ExitCode> {
  return putInto(options, await readAccountsFile(file), file);
}

/** One account, judged as a row of a file is. */
export async function addAccount({ account, email, name, ...options }: AddOptions): Promise<ExitCode> {
  return putInto(options, parseAccount(account, email, name));
}

async function putInto(options: ListOptions, read: AccountList, from?: string): Promise<ExitCode> {
  const { customer, file: list } = await chosenList(options);
  const edited = mergeAccounts(await accountsTextIfAny(list), read.accounts);
  const isItself = from !== undefined && (await isSameFile(from, list));
  const isChanged = edited.added.length + edited.changed.length > 0;
  if (isChanged && !isItself && !options.dryRun) await writeAccountsFile(list, edited.text);
  printImported({ customer: customer.id, list, read, edited, isDryRun: options.dryRun }, options);
  return read.refused.length > 0 ? EXIT.partly : EXIT.done;
}

/** Nothing is to be done to a list that is imported into itself; it is checked. */
async function isSameFile(one: string, other: string): Promise<boolean> {
  const [first, second] = await Promise.all([one, other].map((file) => realpath(file).catch(() => file)));
  return first === second;
}
