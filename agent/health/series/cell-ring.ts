/** How long a chart reaches back, and how long each of its cells is. */
export interface Span {
  readonly cellMs: number;
  readonly cells: number;
}

/** Rows of numbers, one for each of the newest cells of a span; whatever is older is forgotten. */
export interface CellRing {
  /** The row of the cell of this time, to be written to; undefined: that cell is gone already. */
  rowAt(at: number): Uint32Array | undefined;
  /** Adds the row of a cell, column by column. `cell`: counted from the epoch. */
  addTo(sums: number[], cell: number): void;
}

/** Takes `cells × width × 4` bytes, whatever is written. */
export function createCellRing({ cellMs, cells }: Span, width: number): CellRing {
  const numbers = new Uint32Array(cells * width);
  let last: number | undefined;

  function place(cell: number): Uint32Array {
    const from = (cell % cells) * width;
    return numbers.subarray(from, from + width);
  }

  return {
    rowAt(at) {
      const cell = Math.floor(at / cellMs);
      last ??= cell;
      if (cell <= last - cells) return undefined;
      for (let passed = Math.max(last + 1, cell - cells + 1); passed <= cell; passed += 1) {
        place(passed).fill(0);
      }
      last = Math.max(last, cell);
      return place(cell);
    },
    addTo(sums, cell) {
      if (last === undefined || cell > last || cell <= last - cells) return;
      const from = (cell % cells) * width;
      for (let at = 0; at < width; at += 1) sums[at] = (sums[at] ?? 0) + (numbers[from + at] ?? 0);
    },
  };
}
