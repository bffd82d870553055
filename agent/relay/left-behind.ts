import type { CheckpointStore, SourceSpec } from '../checkpoint/store.ts';
import type { SourceFacts } from '../model/source-facts.ts';

/** What earlier agents have left of a source. */
export interface LeftBehind {
  readonly firstSeenAt: number;
  readonly facts: SourceFacts | undefined;
}

interface Stored {
  readonly enabled: readonly SourceSpec[];
  /** By source. */
  readonly sources: ReadonlyMap<string, LeftBehind>;
}

/** Everything that the store has of sources, configured or not. */
export async function readLeftBehind(store: Pick<CheckpointStore, 'inspect'>, now: number): Promise<Stored> {
  const enabled: SourceSpec[] = [];
  const sources = new Map<string, LeftBehind>();
  for await (const { spec, enabled: isEnabled, facts, saved } of store.inspect()) {
    if (isEnabled) enabled.push(spec);
    const firstSeenAt = Math.min(...(saved?.positions ?? []).map(({ born }) => born), now);
    sources.set(spec.source, { firstSeenAt, facts });
  }
  return { enabled, sources };
}
