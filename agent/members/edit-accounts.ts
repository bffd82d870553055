import { type AccountRow, accountRows, type ListedAccount, linesIn } from './accounts-csv.ts';

/** A list of accounts after a change. What the change does not concern stands in it as it did, byte for byte. */
export interface EditedList {
  readonly text: string;
  readonly added: readonly ListedAccount[];
  readonly changed: readonly ListedAccount[];
}

const HEADER = ['Account ID', 'Email', 'Name'];

/** Puts accounts into a list: those that it has are brought up to date where they stand, new ones come last. */
export function mergeAccounts(text: string, accounts: readonly ListedAccount[]): EditedList {
  const { rows } = accountRows(text);
  const known = new Map(rows.map((row) => [row.account.id, row]));
  const added = accounts.filter(({ id }) => !known.has(id));
  const changed = accounts.filter((account) => differs(account, known.get(account.id)));
  const end = /\r\n|\r|\n/.exec(text)?.[0] ?? '\n';
  const edited = new Map(
    changed.flatMap((account) => {
      const row = known.get(account.id);
      return row ? [[row.line, rewritten(account, row)]] : [];
    }),
  );
  const kept = replaceLines(text, edited);
  const appended = added.map((account) => csvLine(cellsOf(account, rows[0])));
  const fresh = text.trim() === '' ? [csvLine(HEADER), ...appended] : appended;
  const gap = kept === '' || /[\r\n]$/.test(kept) || fresh.length === 0 ? '' : end;
  return { text: kept + gap + fresh.map((line) => line + end).join(''), added, changed };
}

/** Takes accounts off a list. */
export function withoutAccounts(text: string, ids: readonly string[]): string {
  const { rows } = accountRows(text);
  const gone = new Set(rows.filter(({ account }) => ids.includes(account.id)).map(({ line }) => line));
  return linesIn(text)
    .filter((_, at) => !gone.has(at + 1))
    .join('');
}

/** As GuardDuty's console takes it. */
export function uploadText(accounts: readonly ListedAccount[]): string {
  const rows = accounts.map(({ id, email }) => csvLine([id, email]));
  return ['Account ID,Email', ...rows].map((line) => `${line}\n`).join('');
}

/** A list without names does not take them away. */
function differs({ email, name }: ListedAccount, row: AccountRow | undefined): boolean {
  if (!row) return false;
  const { account } = row;
  return account.email !== email || (name !== undefined && account.name !== name);
}

/** Columns that are not ours stay. */
function rewritten({ id, email, name }: ListedAccount, { account, cells }: AccountRow): string {
  const isSwapped = cells[0]?.includes('@') === true;
  const named = name ?? account.name;
  const both = isSwapped ? [email, id] : [id, email];
  const more = cells.slice(HEADER.length);
  return csvLine([...both, ...(named === undefined && more.length === 0 ? [] : [named ?? '']), ...more]);
}

/** In the order of the row that the list begins with. */
function cellsOf({ id, email, name }: ListedAccount, first: AccountRow | undefined): readonly string[] {
  const both = first?.cells[0]?.includes('@') === true ? [email, id] : [id, email];
  return name === undefined ? both : [...both, name];
}

function csvLine(cells: readonly string[]): string {
  return cells.map((cell) => (/[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',');
}

function replaceLines(text: string, edited: ReadonlyMap<number, string>): string {
  return linesIn(text)
    .map((line, at) => {
      const better = edited.get(at + 1);
      return better === undefined ? line : `${bom(line)}${better}${/[\r\n]*$/.exec(line)?.[0] ?? ''}`;
    })
    .join('');
}

function bom(line: string): string {
  return line.startsWith('\ufeff') ? '\ufeff' : '';
}
