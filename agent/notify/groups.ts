import { type Condition, conditionId } from './condition.ts';
import type { Conditions } from './message.ts';
import type { Told } from './teller.ts';

/** What is told as one, by key. What was told already stays under the key under which it was told. */
export function groupsOf(
  conditions: readonly Condition[],
  open: readonly Told[],
): ReadonlyMap<string, Conditions> {
  const toldUnder = new Map(
    open.flatMap((told) => told.conditions.map((each) => [conditionId(each), told.key] as const)),
  );
  const groups = new Map<string, [Condition, ...Condition[]]>();
  for (const condition of conditions) {
    const key = toldUnder.get(conditionId(condition)) ?? `guardrelay/${condition.cause}`;
    const known = groups.get(key);
    if (known) known.push(condition);
    else groups.set(key, [condition]);
  }
  return groups;
}
