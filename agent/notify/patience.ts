import { conditionId, type Observation } from './condition.ts';
import type { LastingType } from './event-types.ts';

/** What often ends by itself is told when it has lasted. */
const LASTS_MS: ReadonlyMap<LastingType, number> = new Map([['source.lagging', 10 * 60_000]]);

/** Holds back what is too young to be told. */
export function createPatience(): (observation: Observation) => Observation {
  /** By id of the condition, epoch ms. */
  let firstSeen: ReadonlyMap<string, number> = new Map();

  return (observation) => {
    const seen = new Map<string, number>();
    const conditions = observation.conditions.map((condition) => {
      const lastsMs = LASTS_MS.get(condition.type);
      if (lastsMs === undefined) return condition;
      const id = conditionId(condition);
      // A clock that was set back begins anew.
      const since = Math.min(firstSeen.get(id) ?? observation.at, observation.at);
      seen.set(id, since);
      return observation.at - since < lastsMs ? { ...condition, held: 'young' as const } : condition;
    });
    firstSeen = seen;
    return { ...observation, conditions };
  };
}
