/** Cells in a row that are in one state; `to` is the first that is not. */
export interface Run<State> {
  readonly state: State;
  readonly from: number;
  readonly to: number;
}

/** What happened one after the other, instead of cell by cell. */
export function runsOf<State>(cells: readonly State[]): readonly Run<State>[] {
  const starts = cells.flatMap((state, at) =>
    at > 0 && cells[at - 1] === state ? [] : [{ state, from: at }],
  );
  return starts.map(({ state, from }, at) => ({ state, from, to: starts[at + 1]?.from ?? cells.length }));
}
