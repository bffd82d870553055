import { type Listing, renderListing } from '../../console/terminal/listing.ts';
import { printable } from '../../console/terminal/printable.ts';
import { type ScreenWishes, screenFor } from '../../console/terminal/screen.ts';
import { wrap } from '../../console/terminal/width.ts';
import type { AccountList, ListedAccount } from '../../members/accounts-csv.ts';
import type { EditedList } from '../../members/edit-accounts.ts';
import { systemClock } from '../../model/clock.ts';

export interface Imported {
  readonly customer: string;
  /** The customer's list. */
  readonly list: string;
  readonly read: AccountList;
  readonly edited: EditedList;
  readonly isDryRun: boolean;
}

interface Row {
  /** Absent: it can be used. */
  readonly line?: number;
  readonly account: string;
  readonly result: 'refused' | 'added' | 'changed' | 'unchanged';
  readonly reason?: string;
}

/** What became of each row on stdout, on a terminal only what needs a person; the next step on stderr. */
export function printImported(imported: Imported, wishes: ScreenWishes): void {
  const screen = screenFor(wishes, process.env, process.stdout);
  const isTable = screen.output === 'table';
  process.stdout.write(isTable ? textOf(imported, screen.width) : renderListing(listing(imported), screen));
  if (isTable && !imported.isDryRun && imported.edited.added.length > 0) {
    process.stderr.write(`Next:  guardrelay accounts invite --all --customer ${imported.customer}\n`);
  }
}

function listing(imported: Imported): Listing<Row> {
  const { customer, list, isDryRun, edited } = imported;
  const { read, refused, added, changed } = countsOf(imported);
  return {
    name: 'accounts-import',
    generatedAt: systemClock.now(),
    summary: { customer, list, read, refused, added, changed, isDryRun },
    rows: [...refusedRows(imported), ...imported.read.accounts.map((account) => rowOf(account, edited))],
    columns: [
      { title: 'LINE', text: ({ line = '' }) => String(line) },
      { title: 'ACCOUNT', text: ({ account }) => account },
      { title: 'RESULT', text: ({ result }) => result },
      { title: 'REASON', text: ({ reason = '' }) => reason },
    ],
    json: (row) => row,
  };
}

function refusedRows({ read: { refused } }: Imported): readonly Row[] {
  return refused.map(({ line, found, reason }) => ({ line, account: found, result: 'refused', reason }));
}

function rowOf({ id }: ListedAccount, { added, changed }: EditedList): Row {
  const isIn = (list: readonly ListedAccount[]): boolean => list.some((each) => each.id === id);
  if (isIn(added)) return { account: id, result: 'added' };
  return { account: id, result: isIn(changed) ? 'changed' : 'unchanged' };
}

function countsOf({ read, edited }: Imported) {
  const { accounts, refused } = read;
  const [added, changed] = [edited.added.length, edited.changed.length];
  const unchanged = accounts.length - added - changed;
  return { read: accounts.length, refused: refused.length, added, changed, unchanged };
}

function textOf(imported: Imported, width: number): string {
  const { list, isDryRun } = imported;
  const { read, refused, added, changed, unchanged } = countsOf(imported);
  const would = isDryRun ? 'would be ' : '';
  const lines = [
    ` ✔ ${read} ${read === 1 ? 'account' : 'accounts'} read${refused > 0 ? `   ✖ ${refused} refused` : ''}`,
    ...refusedLines(imported, width),
    ` ${list}: ${would}${added} added, ${changed} changed, ${unchanged} as they were`,
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
}

function refusedLines({ read: { refused } }: Imported, width: number): readonly string[] {
  const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map(({ length }) => length));
  const lineWidth = widest(refused.map(({ line }) => String(line)));
  const foundWidth = widest(refused.map(({ found }) => found));
  return refused.flatMap(({ line, found, reason }) => {
    const head = `   line ${String(line).padEnd(lineWidth)}  ${found.padEnd(foundWidth)}  `;
    const [first = '', ...more] = wrap(reason, Math.max(24, width - head.length));
    return [head + first, ...more.map((text) => ' '.repeat(head.length) + text)];
  });
}
