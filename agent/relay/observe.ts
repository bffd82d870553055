import type { SourceSpec } from '../checkpoint/store.ts';
import type { ObservedSource } from '../health/overview.ts';
import type { HealthOptions, Off } from '../health/states.ts';
import type { RegionOff } from '../model/mute.ts';
import type { SourceFacts } from '../model/source-facts.ts';
import { regionOffSource } from './muting.ts';

interface Observing {
  readonly off: readonly RegionOff[];
  readonly now: number;
  /** Epoch ms. */
  readonly agentStartedAt: number;
  /** Of a source that is muted. */
  offOf?(place: SourceSpec): Off | undefined;
  optionsOf(place: { readonly customer: string }): HealthOptions;
  /** What is remembered of a source. */
  known(source: string): {
    readonly facts: SourceFacts | undefined;
    readonly firstSeenAt: number | undefined;
  };
}

/** Every source with what is known of it, and the regions in which nothing is read. */
export function observe(specs: readonly SourceSpec[], seen: Observing): readonly ObservedSource[] {
  const { now, off } = seen;
  const read = specs.map((spec) => {
    const { facts, firstSeenAt } = seen.known(spec.source);
    return {
      ...spec,
      facts: facts ?? { pollSeconds: 0, destinations: {} },
      firstSeenAt: firstSeenAt ?? now,
      options: seen.optionsOf(spec),
      off: seen.offOf?.(spec),
      agentStartedAt: seen.agentStartedAt,
    };
  });
  return [...read, ...off.map((region) => regionOffSource(region, seen.optionsOf(region), now))];
}
