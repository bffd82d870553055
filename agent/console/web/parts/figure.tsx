import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';

import { DataTable } from './data-table.tsx';

interface FigureProps {
  readonly title: string;
  readonly note: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly children: ComponentChildren;
}

/** A chart, or the same as a table. */
export function Figure({ title, note, head, rows, children }: FigureProps) {
  const [asTable, setAsTable] = useState(false);
  const id = useId();
  return (
    <section class="panel" aria-labelledby={id}>
      <div class="head">
        <h2 id={id}>{title}</h2>
        <span class="muted">{note}</span>
        <button
          type="button"
          class="plain small end"
          aria-pressed={asTable}
          onClick={() => setAsTable(!asTable)}
        >
          Show as {asTable ? 'chart' : 'table'}
        </button>
      </div>
      {asTable ? (
        <DataTable
          name={title}
          rows={rows}
          keyOf={(row) => row.join('/')}
          empty="Nothing was observed."
          columns={head.map((name, at) => ({ title: name, cell: (row: readonly string[]) => row[at] }))}
        />
      ) : (
        <figure>{children}</figure>
      )}
    </section>
  );
}
