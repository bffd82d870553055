/** How long a chart reaches back, and how long each of its cells is. */
export interface Span {
  readonly cellMs: number;
  readonly cells: number;
}

/** Rows of numbers, one for each of the newest cells of a span; whatever is older is forgotten. */
export interface CellRing {
  count(at: number, column: number): void;
  /** Keeps the largest in the first column. */
  raise(at: number, value: number): void;
  /** Adds the row of a cell, column by column. `cell`: counted from the epoch. */
  addTo(sums: number[], cell: number): void;
}

/** Takes `cells × width × 4` bytes, whatever is written. `at`: epoch ms. */
export function createCellRing({ cellMs, cells }: Span, width: number): CellRing {
  const numbers = new Uint32Array(cells * width);
  let last: number | undefined;

  /** Where the row of a cell begins. */
  function beginning(cell: number): number {
    return (cell % cells) * width;
  }

  /** The same of the cell of a time, made ready. A clock that was set back by more than a span begins anew. */
  function beginningAt(at: number): number {
    const cell = Math.floor(at / cellMs);
    if (last === undefined || Math.abs(cell - last) >= cells) {
      numbers.fill(0);
      last = cell;
    }
    while (last < cell) {
      last += 1;
      numbers.fill(0, beginning(last), beginning(last) + width);
    }
    return beginning(cell);
  }

  return {
    count(at, column) {
      const place = beginningAt(at) + column;
      numbers[place] = (numbers[place] ?? 0) + 1;
    },
    raise(at, value) {
      const place = beginningAt(at);
      numbers[place] = Math.max(numbers[place] ?? 0, value);
    },
    addTo(sums, cell) {
      if (last === undefined || cell > last || cell <= last - cells) return;
      const from = beginning(cell);
      for (let at = 0; at < width; at += 1) sums[at] = (sums[at] ?? 0) + (numbers[from + at] ?? 0);
    },
  };
}
