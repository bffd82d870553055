const BARS = '▁▂▃▄▅▆▇█';

/** The last values as bars, the largest of them as the highest; what is not known, or was not yet, is a blank. */
export function sparkline(values: readonly (number | undefined)[], columns: number): string {
  const shown = values.slice(-columns);
  const most = Math.max(0, ...shown.map((value) => value ?? 0));
  return shown
    .map((value) => barOf(value, most))
    .join('')
    .padStart(columns);
}

function barOf(value: number | undefined, most: number): string {
  if (value === undefined) return ' ';
  const height = most === 0 ? 0 : Math.ceil((value / most) * (BARS.length - 1));
  return BARS[height] ?? ' ';
}
