import { parse } from 'csv-parse/sync';

/** A member account, as the list that is uploaded to GuardDuty has it. */
export interface ListedAccount {
  /** 12 digits. */
  readonly id: string;
  readonly email: string;
  readonly name?: string;
}

/** A row that cannot be used. */
export interface RefusedRow {
  /** From 1. */
  readonly line: number;
  /** What stands where the account ID should. */
  readonly found: string;
  readonly reason: string;
}

export interface AccountList {
  readonly accounts: readonly ListedAccount[];
  readonly refused: readonly RefusedRow[];
}

interface Row {
  /** From 1. */
  readonly line: number;
  readonly text: string;
  /** Undefined: its quotes are wrong. */
  readonly cells: readonly string[] | undefined;
}

/** Where an account stands in a list, and all that its row says. */
export interface AccountRow {
  readonly account: ListedAccount;
  /** From 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

interface JudgedRows {
  readonly rows: readonly AccountRow[];
  readonly refused: readonly RefusedRow[];
}

const LONGEST_SHOWN = 40;
const LEAST_CUT_DIGITS = 9;

/**
 * Reads `Account ID,Email[,Name]` or `Email,Account ID[,Name]`, with a header or without. Each row stands alone: one
 * that is wrong is refused, and costs no other.
 */
export function parseAccountsCsv(text: string): AccountList {
  const { rows, refused } = accountRows(text);
  return { accounts: rows.map(({ account }) => account), refused };
}

/** The same with the rows, for those who change some and keep the others. */
export function accountRows(text: string): JudgedRows {
  const rows: AccountRow[] = [];
  const refused: RefusedRow[] = [];
  const lines = new Map<string, number>();
  for (const row of rowsOf(text)) {
    const judged = judge(row, lines);
    if ('reason' in judged) {
      refused.push(judged);
    } else {
      lines.set(judged.account.id, row.line);
      rows.push(judged);
    }
  }
  return { rows, refused };
}

/** One account that does not come from a file, judged as a row of one. */
export function parseAccount(id: string, email: string, name = ''): AccountList {
  const line = 1;
  const cells = [id, email, name].map((cell) => cell.replaceAll(/\s+/g, ' ').trim());
  const judged = judge({ line, text: '', cells }, new Map());
  return 'reason' in judged
    ? { accounts: [], refused: [judged] }
    : { accounts: [judged.account], refused: [] };
}

/** The lines of a text with their ends; together they are the text. */
export function linesIn(text: string): readonly string[] {
  return text.split(/(?<=\r\n|\r(?!\n)|\n)/);
}

function judge({ line, text, cells }: Row, lines: ReadonlyMap<string, number>): AccountRow | RefusedRow {
  if (!cells) return refusal(line, text, 'a quote is out of place');
  const account = columnsOf(cells);
  const reason = faultOf(account) ?? repeated(lines.get(account.id));
  return reason === undefined ? { account, line, cells } : refusal(line, account.id, reason);
}

function refusal(line: number, found: string, reason: string): RefusedRow {
  return { line, found: found.slice(0, LONGEST_SHOWN), reason };
}

function rowsOf(text: string): readonly Row[] {
  const rows = linesIn(text.replace(/^\ufeff/, ''))
    .map((line, at) => ({ line: at + 1, text: line.trim() }))
    .filter((row) => row.text !== '' && !row.text.startsWith('#'))
    .map((row) => ({ ...row, cells: cellsOf(row.text) }));
  return rows.slice(isHeader(rows[0]) ? 1 : 0);
}

/** Line by line: a quote that somebody forgot must not swallow the accounts behind it. */
function cellsOf(line: string): readonly string[] | undefined {
  try {
    return parse(line, { trim: true })[0] ?? [];
  } catch {
    return undefined;
  }
}

function isHeader(row: Row | undefined): boolean {
  return (row?.cells ?? []).slice(0, 2).some((cell) => /^e-?mail( address)?$/i.test(cell));
}

/** GuardDuty's own guide had the e-mail first once. */
function columnsOf([first = '', second = '', name = '']: readonly string[]): ListedAccount {
  const [id, email] = first.includes('@') ? [second, first] : [first, second];
  return { id: id.replaceAll('-', ''), email, ...(name === '' ? {} : { name }) };
}

function faultOf({ id, email }: ListedAccount): string | undefined {
  const faults = [idFault(id), emailFault(email)].filter((fault) => fault !== undefined);
  return faults.length === 0 ? undefined : faults.join('; ');
}

function idFault(id: string): string | undefined {
  if (/^\d{12}$/.test(id)) return undefined;
  if (/^\d(\.\d+)?E\+?\d+$/i.test(id))
    return 'account ID is in scientific notation (a spreadsheet changed it)';
  if (!/^\d+$/.test(id) || id.length < LEAST_CUT_DIGITS || id.length > 12)
    return 'account ID is not 12 digits';
  const meant = id.padStart(12, '0');
  return `account ID has ${id.length} digits; a spreadsheet may have cut leading zeros (did you mean ${meant}?)`;
}

function emailFault(email: string): string | undefined {
  if (email === '') return 'e-mail is missing';
  return /^[^\s@]+@[^\s@]+$/.test(email) ? undefined : 'e-mail is not an address';
}

function repeated(line: number | undefined): string | undefined {
  return line === undefined ? undefined : `account ID stands in line ${line} already`;
}
