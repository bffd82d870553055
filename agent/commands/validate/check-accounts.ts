import type { ResolvedCustomer } from '../../config/config.ts';
import type { ConfigPath, Fault } from '../../config/mistake.ts';
import type { Warning } from '../../config/warnings.ts';
import { readAccountsFile } from '../../members/accounts-file.ts';
import { GuardrelayError } from '../../model/error.ts';
import { rowText } from '../account-names.ts';

interface ListVerdict {
  readonly faults: readonly Fault[];
  readonly warnings: readonly Warning[];
}

interface NamedList {
  readonly file: string;
  /** Where it is configured. */
  readonly path: ConfigPath;
}

/** What is wrong with the lists of accounts that customers name: a file that is none, rows that cannot be used. */
export async function judgeAccountLists(customers: readonly ResolvedCustomer[]): Promise<ListVerdict> {
  const lists = customers.flatMap(({ accounts: { file } }, at) =>
    file === undefined ? [] : [{ file, path: ['customers', at, 'accounts', 'file'] }],
  );
  const verdicts = await Promise.all(lists.map(judgeList));
  return {
    faults: verdicts.flatMap(({ faults }) => faults),
    warnings: verdicts.flatMap(({ warnings }) => warnings),
  };
}

async function judgeList({ file, path }: NamedList): Promise<ListVerdict> {
  try {
    const { refused } = await readAccountsFile(file);
    const warnings = refused.map((row) => ({ path, text: `cannot use ${rowText(row)} (CFG-006)` }));
    return { faults: [], warnings };
  } catch (error) {
    if (!(error instanceof GuardrelayError)) throw error;
    return { faults: [{ code: 'CFG-006', path, text: `cannot be used. ${error.message}` }], warnings: [] };
  }
}
