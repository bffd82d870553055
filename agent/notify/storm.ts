import { type Condition, conditionId, type Observation } from './condition.ts';
import { elapsedMs } from './elapsed.ts';

/** Holds back what many sources have to say at once, so that it is told as one thing. */
export interface StormWatch {
  /** The observation, with what is held back marked, and the storm as a condition of its own. */
  judge(observation: Observation, sources: number): Observation;
}

/** What was told before the agent started. */
interface Before {
  /** Ids of conditions. */
  readonly known: ReadonlySet<string>;
  readonly isStorm: boolean;
}

/** Sources that fall within this time fall together. */
const TOGETHER_MS = 5 * 60_000;
/** So many customers do not fall together by chance. */
const MANY_CUSTOMERS = 10;
/** So many may be the beginning of it: their messages wait until it is seen whether more follow. */
const SUSPICIOUS_CUSTOMERS = 3;

const FALLS: ReadonlySet<string> = new Set([
  'source.failing',
  'source.silent',
  'plumbing.changed',
  'detector.disabled',
  'credentials.refused',
]);

/** Many sources that fell together and are told as one. */
interface Storm {
  /** Epoch ms; absent: it began before the agent was started. */
  readonly since?: number;
  /** When the last of them fell, epoch ms: what falls long after that has other causes. */
  grewAt: number;
  /** Ids of conditions. */
  readonly members: Set<string>;
}

export function createStormWatch(before: Before): StormWatch {
  /** When each was seen first; epoch ms. */
  const fellAt = new Map<string, number>([...before.known].map((id) => [id, Number.NEGATIVE_INFINITY]));
  // Of one that was on before, those are members that were not told by themselves.
  let storm = before.isStorm ? stormAt({ grewAt: Number.POSITIVE_INFINITY }) : undefined;

  function note(fallen: readonly Condition[], { at, unknown }: Observation): void {
    const ids = new Set(fallen.map(conditionId));
    for (const id of ids) if (!fellAt.has(id)) fellAt.set(id, at);
    for (const id of fellAt.keys()) {
      const subject = id.slice(id.indexOf(' ') + 1);
      if (ids.has(id) || unknown.has(subject)) continue;
      fellAt.delete(id);
      storm?.members.delete(id);
    }
  }

  function isRecent(condition: Condition, at: number): boolean {
    return elapsedMs(fellAt.get(conditionId(condition)) ?? at, at) < TOGETHER_MS;
  }

  /** `recent`: fallen a short while ago, and in no storm yet. */
  function grow(recent: readonly Condition[], at: number, sources: number): void {
    const isNew = isMany(recent, sources);
    if (isNew) storm ??= stormAt({ since: at, grewAt: at });
    if (!storm || recent.length === 0 || !(isNew || at - storm.grewAt < TOGETHER_MS)) return;
    for (const each of recent) storm.members.add(conditionId(each));
    storm.grewAt = at;
  }

  return {
    judge(observation, sources) {
      const { at, isComplete } = observation;
      if (!isComplete) return observation;
      const fallen = observation.conditions.filter(({ type }) => FALLS.has(type));
      note(fallen, observation);
      const isMember = (each: Condition): boolean => storm?.members.has(conditionId(each)) === true;
      const recent = fallen.filter((each) => !isMember(each) && isRecent(each, at));
      grow(recent, at, sources);
      const together = fallen.filter(isMember);
      if (!isMany(together, sources)) storm = undefined;
      const alone = recent.filter((each) => !isMember(each));
      const held = new Set([...(storm ? together : []), ...suspicious(alone)]);
      const conditions = observation.conditions.map(
        (each): Condition => (held.has(each) ? { ...each, held: 'many' } : each),
      );
      return {
        ...observation,
        conditions: storm ? [...conditions, conditionOf(storm, together, sources)] : conditions,
      };
    },
  };
}

function stormAt(times: Pick<Storm, 'since' | 'grewAt'>): Storm {
  return { ...times, members: new Set() };
}

function isMany(fallen: readonly Condition[], sources: number): boolean {
  const customers = customersIn(fallen);
  return customers >= 2 && (fallen.length > sources / 2 || customers >= MANY_CUSTOMERS);
}

function suspicious(recent: readonly Condition[]): readonly Condition[] {
  return customersIn(recent) >= SUSPICIOUS_CUSTOMERS ? recent : [];
}

function customersIn(conditions: readonly Condition[]): number {
  return new Set(conditions.map(({ customers: [customer] }) => customer?.id)).size;
}

/** No names: every channel is told, whoever's it is. */
function conditionOf({ since }: Storm, fallen: readonly Condition[], sources: number): Condition {
  const [code = '', count = 0] = mostFrequent(fallen.map((each) => each.code));
  return {
    type: 'agent.many-sources',
    code: 'AGT-008',
    subject: 'agent',
    customers: [],
    cause: 'agent/agent.many-sources',
    reason: `${fallen.length} of ${sources} sources of ${customersIn(fallen)} customers, ${count} of them with ${code}`,
    ...(since !== undefined && { since }),
  };
}

function mostFrequent<T>(values: readonly T[]): readonly [T?, number?] {
  const counts = [...Map.groupBy(values, (value) => value)].map(
    ([value, all]) => [value, all.length] as const,
  );
  return counts.toSorted(([, one], [, other]) => other - one)[0] ?? [];
}
