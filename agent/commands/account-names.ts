import type { ResolvedCustomer } from '../config/config.ts';
import type { RefusedRow } from '../members/accounts-csv.ts';
import { readAccountsFile } from '../members/accounts-file.ts';
import type { AccountDirectory, AccountNames } from '../model/account-names.ts';
import type { Logger } from '../model/logger.ts';

/** Of a long list a person looks at the first rows and corrects them all. */
const LOGGED_ROWS = 20;

/**
 * What the accounts of these customers are called, by the files that the configuration names. A row that cannot be
 * used costs its account the name and nothing else.
 */
export async function readAccountNames(
  customers: readonly ResolvedCustomer[],
  logger: Logger,
): Promise<AccountDirectory> {
  const read = customers.map(async ({ id, accounts }) => {
    return [id, accounts.file === undefined ? new Map() : await namesIn(accounts.file, logger)] as const;
  });
  return new Map(await Promise.all(read));
}

async function namesIn(file: string, logger: Logger): Promise<AccountNames> {
  const { accounts, refused } = await readAccountsFile(file);
  if (refused.length > 0) {
    const rows = refused.slice(0, LOGGED_ROWS).map(rowText);
    logger.warn('a list of accounts has rows that cannot be used', {
      ...{ code: 'CFG-006', file, refused: refused.length, rows },
    });
  }
  return new Map(accounts.flatMap(({ id, name }) => (name === undefined ? [] : [[id, name]])));
}

/** One refused row as a line for people. */
export function rowText({ line, found, reason }: RefusedRow): string {
  return `line ${line}: ${found === '' ? '' : `${found}: `}${reason}`;
}
