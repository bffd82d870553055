import { useRef, useState } from 'preact/hooks';

import { GLYPHS } from '../../terminal/glyphs.ts';
import {
  cellLink,
  cellName,
  cellText,
  cellTip,
  columnTitle,
  type Matrix,
  type MatrixLook,
  type MatrixRow,
} from '../../view/matrix.ts';
import { nextCell } from './matrix-keys.ts';

interface MatrixProps {
  readonly matrix: Matrix;
  readonly look: MatrixLook;
}

/** One cell can be reached with Tab, the others from there with arrow keys. */
export function MatrixTable({ matrix: { regions, rows }, look }: MatrixProps) {
  const [current, setCurrent] = useState({ row: 0, column: 0 });
  const [pointed, point] = useState<string>();
  const body = useRef<HTMLTableSectionElement>(null);
  const move = (event: KeyboardEvent) => {
    const from = placeOf(event.target);
    const to = from && nextCell(event.key, from, { rows: rows.length, columns: regions.length });
    if (!to) return;
    event.preventDefault();
    setCurrent(to);
    body.current?.querySelector<HTMLElement>(`[data-row="${to.row}"][data-column="${to.column}"]`)?.focus();
  };
  const tell = ({ target }: Event) => point(toldBy(target));
  return (
    <>
      <div class="scroll matrix">
        <table>
          <caption class="hidden">
            Proof of each customer and region; arrow keys move between the cells
          </caption>
          <thead>
            <tr>
              <th scope="col">Customer</th>
              <th scope="col">Acc.</th>
              {regions.map((region) => (
                <th key={region} scope="col" title={region} aria-label={region}>
                  {columnTitle(region)}
                </th>
              ))}
            </tr>
          </thead>
          {/* biome-ignore lint/a11y/useKeyWithMouseEvents: focusin is the focus that bubbles */}
          <tbody ref={body} onKeyDown={move} onFocusIn={tell} onMouseOver={tell}>
            {rows.map((row, at) => (
              <tr key={row.customer}>
                <RowHead row={row} />
                <td class="accounts">{row.accounts}</td>
                {regions.map((region, column) => (
                  <td key={region}>
                    <Cell
                      {...{ row, region, look, at, column }}
                      isCurrent={isAt(current, at, column, rows.length)}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="detail" aria-hidden="true">
        {pointed}
      </p>
    </>
  );
}

function RowHead({ row: { customer, state } }: { readonly row: MatrixRow }) {
  return (
    <th scope="row" title={customer}>
      <span aria-hidden="true">{GLYPHS[state]}</span> {customer}
    </th>
  );
}

interface CellProps {
  readonly row: MatrixRow;
  readonly region: string;
  readonly look: MatrixLook;
  readonly at: number;
  readonly column: number;
  readonly isCurrent: boolean;
}

function Cell({ row, region, look, at, column, isCurrent }: CellProps) {
  const cell = row.cells.get(region);
  const place = { 'data-row': at, 'data-column': column, tabIndex: isCurrent ? 0 : -1 };
  if (!cell) {
    return (
      <span class="cell none" {...place}>
        <span aria-hidden="true">·</span>
        <span class="hidden">not collected</span>
      </span>
    );
  }
  return (
    <a class={`cell ${cell.source.state}`} href={cellLink(cell)} title={cellTip(cell)} {...place}>
      <span aria-hidden="true">{cellText(cell, look)}</span>
      <span class="hidden">{cellName(cell, look.now)}</span>
    </a>
  );
}

/** The cell that Tab reaches; the last row where rows went away. */
function isAt(
  current: { readonly row: number; readonly column: number },
  row: number,
  column: number,
  rows: number,
): boolean {
  return Math.min(current.row, rows - 1) === row && current.column === column;
}

function placeOf(target: EventTarget | null): { readonly row: number; readonly column: number } | undefined {
  if (!(target instanceof HTMLElement) || target.dataset.row === undefined) return undefined;
  return { row: Number(target.dataset.row), column: Number(target.dataset.column) };
}

/** What a cell says of itself, for those who point at it or come with the keyboard. */
function toldBy(target: EventTarget | null): string | undefined {
  return target instanceof Element ? target.closest<HTMLElement>('a.cell')?.title : undefined;
}
