import { styleText } from 'node:util';

import { printable } from './printable.ts';
import { cut, widthOf, wrap } from './width.ts';

export type Tone = 'good' | 'bad' | 'warning' | 'faint';

export interface Column<Row> {
  readonly title: string;
  text(row: Row): string;
  readonly align?: 'left' | 'right';
  tone?(row: Row): Tone | undefined;
  /** Left out on terminals narrower than this. */
  readonly minTerminal?: number;
}

export interface Table<Row> {
  readonly columns: readonly Column<Row>[];
  /** Prose that takes what the columns leave, in as many lines as it needs; with little left it stands below. */
  readonly remark?: Pick<Column<Row>, 'title' | 'text'>;
  readonly rows: readonly Row[];
}

interface TableView {
  /** Columns of the terminal. */
  readonly width: number;
  readonly color: boolean;
}

const GAP = '  ';
const LEAST_COLUMN = 8;
/** Prose in less than this reads badly beside its row. */
const LEAST_REMARK = 24;
const INDENT_BELOW = 4;
const STYLES = { good: 'green', bad: 'red', warning: 'yellow', faint: 'gray' } as const;

function widest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, widthOf(text)), 0);
}

function lineWidth(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length);
}

/** Widths that fit: the widest columns give way first. */
function fit(wanted: readonly number[], available: number): readonly number[] {
  const widths = [...wanted];
  while (lineWidth(widths) > available) {
    const most = Math.max(...widths);
    if (most <= LEAST_COLUMN) break;
    widths[widths.indexOf(most)] = most - 1;
  }
  return widths;
}

function pad(text: string, width: number, align: Column<never>['align']): string {
  const shown = cut(text, width);
  const blanks = ' '.repeat(Math.max(0, width - widthOf(shown)));
  return align === 'right' ? blanks + shown : shown + blanks;
}

function paint(text: string, tone: Tone | undefined, color: boolean): string {
  return color && tone ? styleText(STYLES[tone], text, { validateStream: false }) : text;
}

/** Adds a remark to each line: beside it where `left` columns are enough to read, else below it. */
function addRemarks(lines: readonly string[], remarks: readonly string[], width: number): readonly string[] {
  const used = widest(lines.slice(0, 1)) + GAP.length;
  const left = width - used;
  const beside = left >= Math.min(LEAST_REMARK, widest(remarks));
  return lines.map((line, at) => {
    const remark = remarks[at] ?? '';
    if (beside) return line + GAP + wrap(remark, left).join(`\n${' '.repeat(used)}`);
    const isTitle = at === 0;
    if (isTitle || remark === '') return line;
    const indent = `\n${' '.repeat(INDENT_BELOW)}`;
    return [line, ...wrap(remark, width - INDENT_BELOW)].join(indent);
  });
}

function columnLines<Row>(columns: readonly Column<Row>[], rows: readonly Row[], view: TableView): string[] {
  const cells = columns.map((column) => rows.map((row) => printable(column.text(row))));
  const wanted = columns.map(({ title }, at) => widest([title, ...(cells[at] ?? [])]));
  const widths = fit(wanted, view.width);
  const titles = columns.map(({ title, align }, at) => pad(title, widths[at] ?? 0, align));
  const lines = rows.map((row, line) =>
    columns.map(({ align, tone }, at) =>
      paint(pad(cells[at]?.[line] ?? '', widths[at] ?? 0, align), tone?.(row), view.color),
    ),
  );
  return [titles, ...lines].map((line) => line.join(GAP));
}

/** Reads well on a terminal of 80 columns or more. */
export function renderTable<Row>({ columns, remark, rows }: Table<Row>, view: TableView): string {
  const shown = columns.filter(({ minTerminal = 0 }) => view.width >= minTerminal);
  const lines = columnLines(shown, rows, view);
  const remarks = remark ? [remark.title, ...rows.map((row) => printable(remark.text(row)))] : [];
  const whole = remark ? addRemarks(lines, remarks, view.width) : lines;
  return whole.map((line) => `${line.trimEnd()}\n`).join('');
}
