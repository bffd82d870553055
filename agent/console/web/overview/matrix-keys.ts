type Cell = { readonly row: number; readonly column: number };

/** Where an arrow key, Home or End leads to; undefined: the key is none of ours. */
export function nextCell(
  key: string,
  { row, column }: Cell,
  size: { readonly rows: number; readonly columns: number },
): Cell | undefined {
  const last = size.columns - 1;
  switch (key) {
    case 'ArrowRight':
      return { row, column: Math.min(column + 1, last) };
    case 'ArrowLeft':
      return { row, column: Math.max(column - 1, 0) };
    case 'ArrowDown':
      return { row: Math.min(row + 1, size.rows - 1), column };
    case 'ArrowUp':
      return { row: Math.max(row - 1, 0), column };
    case 'Home':
      return { row, column: 0 };
    case 'End':
      return { row, column: last };
    default:
      return undefined;
  }
}
