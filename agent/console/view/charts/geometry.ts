/** A number for each cell of a chart; null: there is none. */
export type Values = readonly (number | null)[];

/** Height of the drawing; its width is the number of cells. */
export const HEIGHT = 100;
/** Of the width of a cell. */
const GAP = 0.12;

/** Bars upon each other, one path for each layer; the first stands at the bottom. */
export function stackedBars(layers: readonly Values[], top: number): readonly string[] {
  const bases: number[] = [];
  return layers.map((values) =>
    values
      .map((value, at) => {
        const base = bases[at] ?? 0;
        if (!value) return '';
        bases[at] = base + value;
        return bar(at, { from: heightOf(base, top), to: heightOf(base + value, top) });
      })
      .join(''),
  );
}

function bar(at: number, { from, to }: { readonly from: number; readonly to: number }): string {
  const width = 1 - 2 * GAP;
  return `M${rounded(at + GAP)} ${rounded(HEIGHT - from)}h${width}V${rounded(HEIGHT - to)}h-${width}z`;
}

/** A line from value to value, which ends where there is none; one alone is a dot, as the ends of lines are round. */
export function linePath(values: Values, top: number): string {
  return values
    .map((value, at) => {
      if (value === null) return '';
      const place = `${rounded(at + 0.5)} ${rounded(HEIGHT - heightOf(value, top))}`;
      const isFirst = (values[at - 1] ?? null) === null;
      return isFirst ? `M${place}h0` : `L${place}`;
    })
    .join('');
}

function heightOf(value: number, top: number): number {
  return (Math.min(value, top) / top) * HEIGHT;
}

/** Nobody sees more, and the page stays small. */
function rounded(length: number): number {
  return Math.round(length * 100) / 100;
}
