import type { CanaryFacts, SourceFacts } from '../model/source-facts.ts';

/** What is known of the canaries of a region; `own`: the region of the log group. */
export function canaryIn(facts: SourceFacts, region: string, own: string): CanaryFacts | undefined {
  return region === own ? facts.canary : facts.canaries?.[region];
}

/** The facts with what is known now of a region's canaries. */
export function withCanary(
  facts: SourceFacts,
  { region, own }: { readonly region: string; readonly own: string },
  canary: CanaryFacts,
): SourceFacts {
  if (region === own) return { ...facts, canary };
  return { ...facts, canaries: { ...facts.canaries, [region]: canary } };
}
