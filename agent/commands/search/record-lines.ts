import { printable, printableJson } from '../../console/terminal/printable.ts';
import type { Screen } from '../../console/terminal/screen.ts';
import { cut, widthOf } from '../../console/terminal/width.ts';
import type { AccountDirectory } from '../../model/account-names.ts';
import type { IndexedRecord } from '../../search/search-index.ts';
import { ackedText, recordColumns, recordJson } from './record-columns.ts';

interface LineOptions {
  readonly screen: Screen;
  readonly accountNames: AccountDirectory;
  /** The text of the record instead of a row about it. */
  readonly raw: boolean;
  /** Whether it is known who has a record. */
  readonly withAcked: boolean;
}

/** Nothing is known of the rows to come, so each column is as wide as its usual texts. */
const WIDTHS: Readonly<Record<string, number>> = {
  ...{ 'TIME (UTC)': 8, KIND: 13, SEV: 8, CUSTOMER: 10, ACCOUNT: 12, REGION: 14 },
};

/** What stands before the first record; undefined: nothing. */
export function headLine({ output }: Screen): string | undefined {
  return output === 'json' || output === 'ndjson' ? printableJson({ type: 'version', ui: '1.0' }) : undefined;
}

/** One line for each record, of which nothing acts on a terminal. */
export function recordLines(options: LineOptions): (record: IndexedRecord) => string {
  const { screen, raw, withAcked } = options;
  if (screen.output === 'json' || screen.output === 'ndjson') {
    return (record) => printableJson(recordJson(record, raw));
  }
  if (raw) return (record) => printable(record.raw.replaceAll(/[\r\n]+/g, ' '));
  const cellsOf = createCells(options);
  const acked = (record: IndexedRecord): readonly string[] => (withAcked ? [ackedText(record)] : []);
  if (screen.output === 'plain') {
    return (record) =>
      [...cellsOf(record).map(({ text }) => text), ...acked(record)].map(printable).join('\t');
  }
  return (record) => {
    const row = cellsOf(record).map(({ text, title }) => pad(printable(text), WIDTHS[title] ?? 0));
    return cut([...row, ...acked(record).map(printable)].join('  ').trimEnd(), screen.width);
  };
}

function createCells({ screen, accountNames }: LineOptions) {
  const isShown = ({ minTerminal = 0 }) => screen.output !== 'table' || screen.width >= minTerminal;
  const columns = recordColumns(accountNames, screen).filter(isShown);
  // Who watches records come knows the day.
  const [, ...others] = columns;
  const shown = screen.output === 'table' ? [{ title: 'TIME (UTC)', text: timeOfDay }, ...others] : columns;
  return (record: IndexedRecord) => shown.map(({ title, text }) => ({ title, text: text(record) }));
}

function timeOfDay({ time }: IndexedRecord): string {
  return new Date(time).toISOString().slice(11, 19);
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}
