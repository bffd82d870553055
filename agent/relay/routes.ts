/** A destination of a customer, for some regions. */
export interface Route {
  readonly id: string;
  /** Region names; `*` stands for any characters. */
  readonly regions: readonly string[];
}

/** Ids of the destinations that get the records of a region. */
export function routesTo(routes: readonly Route[], region: string): readonly string[] {
  return routes
    .filter(({ regions }) => regions.some((glob) => matchesRegion(glob, region)))
    .map(({ id }) => id);
}

/** `*` in `glob` stands for any characters. */
export function matchesRegion(glob: string, region: string): boolean {
  const pattern = glob.split('*').map(RegExp.escape).join('.*');
  return new RegExp(`^${pattern}$`).test(region);
}
