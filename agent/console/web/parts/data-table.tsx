import type { ComponentChildren } from 'preact';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** `text` takes the room that is left, `number` stands to the right, `line` is never broken. */
  readonly kind?: 'text' | 'number' | 'line';
}

interface TableProps<Row> {
  /** What a screen reader calls it. */
  readonly name: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  keyOf(row: Row): string;
  /** Stands below a row where there is more to say. */
  below?(row: Row): ComponentChildren;
  readonly empty: string;
}

export function DataTable<Row>({ name, rows, columns, keyOf, below, empty }: TableProps<Row>) {
  if (rows.length === 0) return <p class="empty">{empty}</p>;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard
    <div class="scroll" role="group" aria-label={name} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map(({ title, kind }) => (
              <th key={title} scope="col" class={kind}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <TableRow key={keyOf(row)} row={row} columns={columns} below={below?.(row)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps<Row> {
  readonly row: Row;
  readonly columns: readonly Column<Row>[];
  readonly below: ComponentChildren;
}

function TableRow<Row>({ row, columns, below }: RowProps<Row>) {
  return (
    <>
      <tr>
        {columns.map(({ title, kind, cell }) => (
          <td key={title} class={kind}>
            {cell(row)}
          </td>
        ))}
      </tr>
      {below !== undefined && below !== null && (
        <tr class="below">
          <td colSpan={columns.length}>{below}</td>
        </tr>
      )}
    </>
  );
}
