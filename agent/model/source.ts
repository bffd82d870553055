/** One log group of one account in one region, as one customer's configuration names it. */
export interface Source {
  readonly customer: string;
  /** The account whose log group is read: 12 digits. */
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  readonly logGroup: string;
}

/** The name of a source in the store, in logs and in metrics: `customer/account/region:logGroup`. */
export function sourceKey(source: Omit<Source, 'partition'>): string {
  return `${source.customer}/${source.account}/${source.region}:${source.logGroup}`;
}
