import type { AwsFailure } from '../aws/failure.ts';
import type { CanaryFacts } from '../model/source-facts.ts';
import { phaseMs } from './cadence.ts';
import { canaryIn, withCanary } from './canary-facts.ts';
import type { RunContext } from './run-context.ts';

/** Proves the findings rules of a source: now and then an event of our own must come through each. */
export interface CanaryWatch {
  /** After a complete read: judges the canaries that are awaited, and puts the next ones when they are due. */
  tend(signal: AbortSignal): Promise<void>;
}

/** How canaries of a source are put. */
export interface CanarySettings {
  readonly everyHours: number;
  /** Whose findings rules lead to the log group: of a hub, those of every region. */
  readonly regions: readonly string[];
  /** Undefined: it was put. `sentAt`: epoch ms by AWS's clock. */
  put(region: string, sentAt: number, signal: AbortSignal): Promise<AwsFailure | undefined>;
  /** The one that was awaited did not come. */
  lost(region: string): void;
}

interface CanaryOptions extends CanarySettings {
  /** AWS's time. */
  serviceNow(): number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** So long a canary may be under way; the reads that come after it decide. */
const AWAITED_MS = 5 * MINUTE_MS;
const SPREAD_SHARE = 0.1;
const AGAIN_MS = 10 * MINUTE_MS;
/** A rule that is known to be broken is tried this often. */
const BROKEN_MS = HOUR_MS;
/** A right that is missing is seldom given the same day. */
const REFUSED_MS = 24 * HOUR_MS;

export function createCanaryWatch(context: RunContext, options: CanaryOptions): CanaryWatch {
  const watches = options.regions.map((region) => createRegionWatch(context, options, region));
  return {
    async tend(signal) {
      for (const watch of watches) await watch.tend(signal);
    },
  };
}

/** Of the findings rule of one region. */
function createRegionWatch(
  { memory, lease, logger }: RunContext,
  options: CanaryOptions,
  region: string,
): CanaryWatch {
  const everyMs = options.everyHours * HOUR_MS;
  const place = { region, own: lease.spec.region };

  function known(): CanaryFacts | undefined {
    return canaryIn(memory.facts, place.region, place.own);
  }

  function note(canary: CanaryFacts): void {
    memory.facts = withCanary(memory.facts, place, canary);
  }

  /** What was put before it was last read, and has not been read by then, is lost. */
  function judge({ sentAt, isAwaited, ...canary }: CanaryFacts): void {
    const readAt = memory.facts.lastReadAt ?? 0;
    if (!isAwaited || readAt - sentAt < patienceMs()) return;
    const { missed, missedSince = sentAt } = canary;
    note({ ...canary, sentAt, isAwaited: false, missed: missed + 1, missedSince });
    options.lost(region);
  }

  /** In economy mode reads are as far apart as a canary is waited for. */
  function patienceMs(): number {
    return AWAITED_MS + memory.facts.pollSeconds * 1_000;
  }

  function isDue(canary: CanaryFacts | undefined, now: number): boolean {
    if (!canary) return true;
    return !canary.isAwaited && now >= canary.sentAt + waitMs(canary);
  }

  function waitMs({ missed, hindrance }: CanaryFacts): number {
    if (hindrance) return hindrance.isRefusal ? REFUSED_MS : AGAIN_MS;
    if (missed > 0) return missed > 1 ? BROKEN_MS : AGAIN_MS;
    // Thousands of sources keep apart, and each to its own hours.
    return everyMs - phaseMs(`${lease.source} ${region}`, (SPREAD_SHARE * everyMs) / 1_000);
  }

  async function put(signal: AbortSignal): Promise<void> {
    const sentAt = options.serviceNow();
    const { sentAt: _, isAwaited: __, hindrance: ___, ...history } = known() ?? { missed: 0 };
    const failure = await options.put(region, sentAt, signal);
    if (signal.aborted) return;
    if (!failure) {
      note({ ...history, sentAt, isAwaited: true });
      return;
    }
    if (!known()?.hindrance) {
      logger.info('no canary could be put; heartbeats go on', {
        source: lease.source,
        region,
        error: failure.text,
      });
    }
    const hindrance = { text: failure.text, isRefusal: failure.cause === 'denied' };
    note({ ...history, sentAt, isAwaited: false, hindrance });
  }

  return {
    async tend(signal) {
      const canary = known();
      if (memory.facts.lastReadAt === undefined || signal.aborted) return;
      if (canary) judge(canary);
      if (isDue(known(), options.serviceNow())) await put(signal);
    },
  };
}
