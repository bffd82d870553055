import type { ResolvedCustomer } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { type Listing, renderListing } from '../../console/terminal/listing.ts';
import { printable } from '../../console/terminal/printable.ts';
import { type ScreenWishes, screenFor } from '../../console/terminal/screen.ts';
import type { ListedAccount, RefusedRow } from '../../members/accounts-csv.ts';
import { readAccountsFile, writeAccountsFile } from '../../members/accounts-file.ts';
import { uploadText } from '../../members/edit-accounts.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, type ExitCode } from '../../model/error.ts';
import { rowText } from '../account-names.ts';
import { selectCustomers } from '../select-customers.ts';
import { type CustomerWish, chosenList } from './chosen-list.ts';

interface Row extends ListedAccount {
  readonly customer: string;
}

interface ExportOptions extends CustomerWish {
  /** Absent: stdout. */
  readonly file?: string | undefined;
}

/** The accounts of the customers' lists, without asking AWS. */
export async function listAccounts(options: CustomerWish & ScreenWishes): Promise<ExitCode> {
  const { customers } = selectCustomers(await loadConfig(options.config, process.env), options.customer);
  const lists = await Promise.all(customers.map(readList));
  const rows = lists.flatMap((list) => list.rows);
  const screen = screenFor(options, process.env, process.stdout);
  process.stdout.write(renderListing(listing(rows, customers.length > 1), screen));
  for (const { file, refused } of lists) tellRefused(file, refused);
  return lists.some(({ refused }) => refused.length > 0) ? EXIT.partly : EXIT.done;
}

/** The form that GuardDuty's console takes: its first line must be `Account ID,Email`. */
export async function exportAccounts({ file: target, ...options }: ExportOptions): Promise<ExitCode> {
  const { file } = await chosenList(options);
  const { accounts, refused } = await readAccountsFile(file);
  if (target === undefined) process.stdout.write(uploadText(accounts));
  else await writeAccountsFile(target, uploadText(accounts));
  tellRefused(file, refused);
  return refused.length > 0 ? EXIT.partly : EXIT.done;
}

async function readList({ id: customer, accounts: { file } }: ResolvedCustomer) {
  if (file === undefined) return { file: '', rows: [], refused: [] };
  const { accounts, refused } = await readAccountsFile(file);
  return { file, refused, rows: accounts.map((account): Row => ({ customer, ...account })) };
}

function tellRefused(file: string, refused: readonly RefusedRow[]): void {
  for (const row of refused) process.stderr.write(`${printable(`left out: ${file} ${rowText(row)}`)}\n`);
}

function listing(rows: readonly Row[], areMany: boolean): Listing<Row> {
  return {
    name: 'accounts',
    generatedAt: systemClock.now(),
    summary: { accounts: rows.length },
    rows,
    columns: [
      ...(areMany ? [{ title: 'CUSTOMER', text: ({ customer }: Row) => customer }] : []),
      { title: 'ACCOUNT', text: ({ id }) => id },
      { title: 'NAME', text: ({ name = '' }) => name },
      { title: 'EMAIL', text: ({ email }) => email },
    ],
    json: ({ customer, id, name, email }) => ({ customer, account: id, name, email }),
  };
}
