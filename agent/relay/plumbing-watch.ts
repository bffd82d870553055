import type { PlumbingFacts, PlumbingTrouble } from '../model/source-facts.ts';
import { phaseMs } from './cadence.ts';
import type { RunContext } from './run-context.ts';

/** Looks now and then at what carries events to a log group, and at once when something known did not come. */
export interface PlumbingWatch {
  /** After a read: looks if a look is due. */
  tend(signal: AbortSignal): Promise<void>;
}

export interface PlumbingSettings {
  readonly everyMinutes: number;
  /** Undefined: heartbeats are off. */
  readonly heartbeatMinutes?: number | undefined;
  look(signal: AbortSignal): Promise<{
    readonly troubles: readonly PlumbingTrouble[];
    readonly isBlind: boolean;
  }>;
}

interface PlumbingOptions extends PlumbingSettings {
  /** AWS's time. */
  serviceNow(): number;
}

const MINUTE_MS = 60_000;
/** Between two looks while something is wrong, so that its end shows soon. */
const AGAIN_MS = 5 * MINUTE_MS;
/** A heartbeat may be so late without being missed. */
const HEARTBEAT_GRACE_MS = 2 * MINUTE_MS;
/** A right that is missing is seldom given the same day. */
const BLIND_MS = 24 * 60 * MINUTE_MS;

export function createPlumbingWatch(
  { memory, lease, logger }: RunContext,
  options: PlumbingOptions,
): PlumbingWatch {
  const everyMs = options.everyMinutes * MINUTE_MS;

  function isSuspicious(): boolean {
    const { lastReadAt = 0, lastHeartbeatAt, canary, canaries = {} } = memory.facts;
    if ([canary, ...Object.values(canaries)].some((each) => (each?.missed ?? 0) > 0)) return true;
    const { heartbeatMinutes } = options;
    if (heartbeatMinutes === undefined || lastHeartbeatAt === undefined) return false;
    return lastReadAt - lastHeartbeatAt > heartbeatMinutes * MINUTE_MS + HEARTBEAT_GRACE_MS;
  }

  function dueAt(known: PlumbingFacts): number {
    if (known.isBlind) return known.lookedAt + BLIND_MS;
    const isWrong = known.troubles.length > 0 || isSuspicious();
    return known.lookedAt + (isWrong ? Math.min(AGAIN_MS, everyMs) : everyMs);
  }

  /** Thousands of sources that an agent meets at once do not begin with a look each. */
  function firstLook(now: number): PlumbingFacts {
    const lookedAt = now - everyMs + phaseMs(lease.source, everyMs / 1_000);
    return { lookedAt, troubles: [], isBlind: false, isAwaited: true };
  }

  async function look(known: PlumbingFacts, now: number, signal: AbortSignal): Promise<void> {
    const { troubles, isBlind } = await options.look(signal);
    if (signal.aborted) return;
    if (isBlind && !known.isBlind) {
      logger.info('rules and detector cannot be looked at; heartbeats go on', { source: lease.source });
    }
    const since = troubles.length > 0 ? { since: known.since ?? now } : {};
    memory.facts = { ...memory.facts, plumbing: { lookedAt: now, troubles, isBlind, ...since } };
  }

  return {
    async tend(signal) {
      if (memory.facts.lastReadAt === undefined || signal.aborted) return;
      const now = options.serviceNow();
      const known = memory.facts.plumbing ?? firstLook(now);
      memory.facts = { ...memory.facts, plumbing: known };
      if (now >= dueAt(known)) await look(known, now, signal);
    },
  };
}
