import { printable, printableJson } from './printable.ts';
import type { Screen } from './screen.ts';
import { renderTable, type Table } from './table.ts';

/** The result of a command; every kind of output is made from the same rows. */
export interface Listing<Row> extends Table<Row> {
  /** `status` makes the schema `guardrelay.status/v1`. */
  readonly name: string;
  /** Epoch ms. */
  readonly generatedAt: number;
  readonly summary: Readonly<Record<string, unknown>>;
  /** A row as JSON shows it. */
  json(row: Row): unknown;
}

/** Tab-separated, nothing cut, folded or left out. */
function renderPlain<Row>({ columns, remark, rows }: Table<Row>): string {
  const all = remark ? [...columns, remark] : columns;
  const lines = rows.map((row) => all.map((column) => printable(column.text(row))).join('\t'));
  return [all.map(({ title }) => title).join('\t'), ...lines].map((line) => `${line}\n`).join('');
}

function renderJson<Row>({ name, generatedAt, summary, rows, json }: Listing<Row>): string {
  const envelope = {
    schema: `guardrelay.${name}/v1`,
    generatedAt: new Date(generatedAt).toISOString(),
    summary,
    data: rows.map(json),
  };
  return `${printableJson(envelope, 2)}\n`;
}

function renderNdjson<Row>({ rows, json }: Listing<Row>): string {
  return [{ type: 'version', ui: '1.0' }, ...rows.map(json)]
    .map((line) => `${printableJson(line)}\n`)
    .join('');
}

/** The whole text for stdout. */
export function renderListing<Row>(listing: Listing<Row>, screen: Screen): string {
  switch (screen.output) {
    case 'table':
      return renderTable(listing, screen);
    case 'plain':
      return renderPlain(listing);
    case 'json':
      return renderJson(listing);
    case 'ndjson':
      return renderNdjson(listing);
  }
}
