import type { CanaryFacts, SourceFacts } from '../model/source-facts.ts';

interface BrokenRules {
  /** One sentence for a person. */
  readonly reason: string;
  /** Epoch ms. */
  readonly since?: number;
}

/** One canary may be lost on its way. */
const MISSED = 2;

/** The findings rules that pass no canary on; undefined: all do, as far as it is known. */
export function brokenFindingsRules(facts: SourceFacts): BrokenRules | undefined {
  const [first, ...others] = regionsOf(facts).filter(({ missed }) => missed >= MISSED);
  if (!first) return undefined;
  const { where, missed, missedSince } = first;
  const more = others.map((each) => each.where.trim().replace(/:$/, ''));
  const rest = more.length > 0 ? `; nor have those of ${more.join(', ')}` : '';
  return {
    reason: `${where}the findings rule has not passed on the last ${missed} canaries${rest}`,
    ...(missedSince !== undefined && { since: missedSince }),
  };
}

type Region = CanaryFacts & { readonly where: string };

/** The log group's own first: what comes from the other regions of a hub passes its rule, too. */
function regionsOf({ canary, canaries = {}, origins }: SourceFacts): readonly Region[] {
  const others = Object.entries(canaries).filter(([region]) => origins?.[region] !== undefined);
  const own = canary ? [{ ...canary, where: origins ? 'hub: ' : '' }] : [];
  return [...own, ...others.map(([region, facts]) => ({ ...facts, where: `${region}: ` }))];
}
