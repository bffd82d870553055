/** One region of one account. */
export interface Place {
  readonly account: string;
  readonly region: string;
}

/** Accounts that share the same regions: what one StackSet operation can name. */
export interface PlaceGroup {
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
  readonly places: readonly Place[];
}

export function placeKey({ account, region }: Place): string {
  return `${account}/${region}`;
}

/** StackSets work on accounts × regions, so accounts are grouped by their set of regions. */
export function groupPlaces(places: readonly Place[]): PlaceGroup[] {
  const byAccount = Map.groupBy(places, ({ account }) => account);
  const byRegions = Map.groupBy(byAccount, ([, own]) =>
    JSON.stringify(own.map(({ region }) => region).sort()),
  );
  return [...byRegions.values()].map((members) => ({
    accounts: members.map(([account]) => account),
    regions: (members[0]?.[1] ?? []).map(({ region }) => region),
    places: members.flatMap(([, own]) => own),
  }));
}
