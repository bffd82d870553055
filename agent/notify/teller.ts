import type { RelayEvent } from '../model/relay-event.ts';
import { conditionId, type Observation } from './condition.ts';
import { elapsedMs } from './elapsed.ts';
import { kindOf } from './event-types.ts';
import { groupsOf } from './groups.ts';
import { type Conditions, resolveOf, triggerOf } from './message.ts';

/** What was told under one key and is not over. Times in epoch ms. */
export interface Told {
  readonly key: string;
  /** As they were when they were told. */
  readonly conditions: Conditions;
  readonly toldAt: number;
}

/** A message that is due, and what to remember when it was taken. */
export interface DueMessage {
  readonly event: RelayEvent;
  /** Undefined: nothing is open under its key any more. */
  readonly told: Told | undefined;
}

export interface TellerOptions {
  readonly groupMs: number;
  /** Absent: what lasts is told once. */
  readonly repeatMs?: number;
  /** Somebody takes care of it, so that it is not repeated. */
  isAcknowledged(key: string): boolean;
  readonly publicUrl?: string | undefined;
}

/** What joins something that was told follows no sooner, and then as one. */
const FOLLOWS_MS = 10 * 60_000;

/**
 * Decides what one channel must be told, by comparing what is with what was told: a channel that was away for an
 * hour is told what is wrong then, not what came and went. No I/O.
 */
export interface Teller {
  /** Messages that are due. They are due again at the next call unless they were `settled`. */
  due(observation: Observation): readonly DueMessage[];
  /** The channel has it. */
  settled(message: DueMessage): void;
  open(): readonly Told[];
}

export function createTeller(remembered: readonly Told[], options: TellerOptions): Teller {
  const open = new Map(remembered.map((told) => [told.key, told]));
  /** Since when a key waits for others to join, or for its end to last. */
  const waiting = new Map<string, number>();
  /** Of a key, since when conditions that were told under it are over, by their ids. */
  const overSince = new Map<string, ReadonlyMap<string, number>>();

  function hasWaited(key: string, at: number): boolean {
    const since = waiting.get(key) ?? at;
    waiting.set(key, since);
    return elapsedMs(since, at) >= options.groupMs;
  }

  function trigger(key: string, conditions: Conditions, at: number): DueMessage | undefined {
    const told = open.get(key);
    const known = told ? lastingOf(told, at) : new Set<string>();
    const fresh = conditions.filter((each) => !known.has(conditionId(each)) && !each.held).length;
    if (fresh === 0) waiting.delete(key);
    const isDue = fresh > 0 ? isFreshDue(key, at) : isRepeatDue(conditions, told, at);
    if (!isDue) return undefined;
    const event = triggerOf(conditions, fresh, { key, at, publicUrl: options.publicUrl });
    return { event, told: { key, conditions, toldAt: at } };
  }

  /** Ids of what was told, but for what was over since: that is news when it comes back. */
  function lastingOf({ key, conditions }: Told, at: number): ReadonlySet<string> {
    const over = overSince.get(key);
    return new Set(conditions.map(conditionId).filter((id) => !isOver(over?.get(id), at)));
  }

  function isOver(since: number | undefined, at: number): boolean {
    return since !== undefined && elapsedMs(since, at) >= options.groupMs;
  }

  /** A moment without it is no end. */
  function noteEnds({ key, conditions }: Told, present: ReadonlySet<string>, observation: Observation): void {
    const { at, unknown } = observation;
    const known = overSince.get(key);
    const over = conditions.flatMap((each): readonly [string, number][] => {
      const id = conditionId(each);
      const since = known?.get(id);
      if (since === undefined) return present.has(id) || unknown.has(each.subject) ? [] : [[id, at]];
      return present.has(id) && !isOver(since, at) ? [] : [[id, since]];
    });
    overSince.set(key, new Map(over));
  }

  function isFreshDue(key: string, at: number): boolean {
    const toldAt = open.get(key)?.toldAt;
    return hasWaited(key, at) && (toldAt === undefined || elapsedMs(toldAt, at) >= FOLLOWS_MS);
  }

  function isRepeatDue(conditions: Conditions, told: Told | undefined, at: number): boolean {
    const { repeatMs } = options;
    if (!told || repeatMs === undefined || elapsedMs(told.toldAt, at) < repeatMs) return false;
    const isQuiet = kindOf(conditions[0].type).isOnce || conditions.every(({ held }) => held);
    return !isQuiet && !options.isAcknowledged(told.key);
  }

  function resolve(told: Told, observation: Observation): DueMessage | undefined {
    const { key, conditions } = told;
    const { at, unknown } = observation;
    if (conditions.some(({ subject }) => unknown.has(subject))) {
      waiting.delete(key);
      return undefined;
    }
    if (!hasWaited(key, at)) return undefined;
    const subjects = new Set(conditions.map(({ subject }) => subject));
    const successors = observation.conditions.filter(({ subject }) => subjects.has(subject));
    const event = resolveOf(conditions, successors, { key, at, publicUrl: options.publicUrl });
    return { event, told: undefined };
  }

  return {
    due(observation) {
      if (!observation.isComplete) return [];
      const groups = groupsOf(observation.conditions, [...open.values()]);
      const present = new Set(observation.conditions.map(conditionId));
      for (const told of open.values()) noteEnds(told, present, observation);
      const begun = [...groups].map(([key, conditions]) => trigger(key, conditions, observation.at));
      const over = [...open.values()].filter(({ key }) => !groups.has(key));
      const ended = over.map((told) => resolve(told, observation));
      for (const key of waiting.keys()) if (!groups.has(key) && !open.has(key)) waiting.delete(key);
      return [...begun, ...ended].filter((message) => message !== undefined);
    },
    settled({ event: { key }, told }) {
      if (told) open.set(key, told);
      else open.delete(key);
      waiting.delete(key);
      overSince.delete(key);
    },
    open: () => [...open.values()],
  };
}
