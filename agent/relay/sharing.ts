import type { Handout } from './handout.ts';
import type { RunContext } from './run-context.ts';

// A destination without room that others wait for gets this long before it is split off.
const FULL_GRACE_MS = 2_000;
// A destination that takes nothing for this long is split off, so that its records leave memory.
const STUCK_MS = 5 * 60_000;

/**
 * Which destinations of a source share its polls. One that holds the others up is split off: it gives its records
 * back to the log group, and later catches up by reads of its own.
 */
export interface Sharing {
  /** Bytes that this destination can take now. */
  roomOf(destination: string): number;
  /** Bytes that every destination of the polls can take. */
  room(): number;
  /** Something in flight may still become final soon. */
  isDraining(): boolean;
  /** Destinations that are behind, take records again, and are done with what they were handed. */
  readyToCatchUp(): readonly string[];
  /** It takes no more of what is read for it alone: it is down, or others have all of its room. */
  hasStopped(destination: string): boolean;
  /** Takes back what one that is behind was handed and does not take. */
  reclaimStuck(destination: string): void;
  /** Splits off those without room that are dead, or that others have waited for since `fullSince` (monotonic). */
  splitFull(fullSince: number): void;
  /** Splits off those that are blocked, that take nothing for long, or whose memory others need. */
  splitStuck(): void;
}

/** `serviceNow`: AWS's time, epoch ms. */
export function createSharing(context: RunContext, handout: Handout, serviceNow: () => number): Sharing {
  const { progress, destinations, budget, clock, logger } = context;

  function isHealthy(id: string): boolean {
    return destinations.get(id)?.shipper.status().circuit === 'closed';
  }

  function roomOf(id: string): number {
    return Math.min(destinations.get(id)?.shipper.room() ?? 0, budget.room());
  }

  /** With no destination left in the polls they go on, for health: there is always room for nothing. */
  function room(): number {
    return Math.min(Number.MAX_SAFE_INTEGER, ...progress.destinations('joined').map(roomOf));
  }

  function isStuck(id: string): boolean {
    const status = destinations.get(id)?.shipper.status();
    if (!status || status.circuit === 'closed' || progress.ledger(id).waiting === 0) return false;
    const forMs = clock.now() - (status.since ?? clock.now());
    return status.circuit === 'blocked' || forMs >= STUCK_MS || budget.room() <= 0;
  }

  function takeBack(id: string): void {
    handout.withdraw(id);
    progress.split(id, progress.position(id).splitAt ?? serviceNow());
  }

  function split(id: string): void {
    takeBack(id);
    logger.warn('destination fell behind', { destination: id, source: progress.state.source });
  }

  return {
    roomOf,
    room,
    isDraining: () => [...destinations.keys()].some((id) => progress.ledger(id).waiting > 0 && isHealthy(id)),
    readyToCatchUp: () =>
      progress
        .destinations('behind')
        .filter((id) => isHealthy(id) && progress.ledger(id).waiting === 0 && roomOf(id) > 0),
    hasStopped: (id) => !isHealthy(id) || (progress.ledger(id).waiting === 0 && roomOf(id) <= 0),
    reclaimStuck(id) {
      if (isStuck(id)) takeBack(id);
    },
    splitFull(fullSince) {
      const joined = progress.destinations('joined');
      const full = joined.filter((id) => roomOf(id) <= 0);
      const othersWaited = full.length < joined.length && clock.monotonic() - fullSince >= FULL_GRACE_MS;
      for (const id of full) if (othersWaited || !isHealthy(id)) split(id);
    },
    splitStuck() {
      for (const id of progress.destinations('joined')) if (isStuck(id)) split(id);
    },
  };
}
