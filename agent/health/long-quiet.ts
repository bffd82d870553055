import type { ObservedSource } from './overview.ts';

/** A customer of whom a finding was expected by now. It is no trouble: GuardDuty may have nothing to say. */
export interface LongQuiet {
  readonly customer: string;
  /** Of the last finding of all its sources, epoch ms; absent: there never was one. */
  readonly lastFindingAt?: number | undefined;
  /** Since when nobody has found anything: the last finding, or when the first source was met. Epoch ms. */
  readonly since: number;
  readonly expectedWithinMs: number;
}

/** Only customers whose configuration expects findings; the longest quiet first. */
export function longQuiet(observed: readonly ObservedSource[], now: number): readonly LongQuiet[] {
  const byCustomer = Map.groupBy(observed, ({ customer }) => customer);
  return [...byCustomer]
    .flatMap(([customer, sources]) => quietOf(customer, sources, now) ?? [])
    .toSorted((one, other) => one.since - other.since);
}

function quietOf(customer: string, sources: readonly ObservedSource[], now: number): LongQuiet | undefined {
  const [expectedWithinMs] = sources.flatMap(({ options }) => options.expectFindingWithinMs ?? []);
  if (expectedWithinMs === undefined) return undefined;
  const findings = sources.flatMap(({ facts }) => facts.lastFindingAt ?? []);
  const lastFindingAt = findings.length > 0 ? Math.max(...findings) : undefined;
  const since = lastFindingAt ?? Math.min(...sources.map(({ firstSeenAt }) => firstSeenAt));
  return now - since > expectedWithinMs ? { customer, lastFindingAt, since, expectedWithinMs } : undefined;
}
