import { createFarSiem, type FarSiem } from './far-siem.ts';
import { createLateGroup, type Faults, type LateEvent, type LateGroup } from './late-group.ts';
import type { Random } from './random.ts';
import type { RelayWorld } from './relay-world.ts';
import type { VirtualClock } from './virtual-clock.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const EVENTS = 120;
const ARRIVALS_MS = 12 * HOUR_MS;
const MAX_LATENESS_MS = 24 * HOUR_MS;
const MAX_VISIBILITY_MS = 10 * MINUTE_MS;
const CHANGES_MS = ARRIVALS_MS + MAX_LATENESS_MS + MAX_VISIBILITY_MS;
/** Afterwards all is well for this long: the sweep of 25 hours comes every 6 hours. */
const QUIET_MS = 7 * HOUR_MS;
const CAUSES = ['throttled', 'service', 'unreachable', 'no-group', 'token'] as const;

/** What happens around one source, all of it drawn from one seed. */
export interface RelayHistory {
  readonly group: LateGroup;
  readonly siems: ReadonlyMap<string, FarSiem>;
  /** From the first event until every sweep must have found what came late. */
  play(world: RelayWorld): Promise<void>;
}

interface Action {
  readonly at: number;
  act(): void | Promise<void>;
}

/** Begins when the clock stands now. */
export function createRelayHistory(random: Random, clock: VirtualClock, eventBytes: number): RelayHistory {
  const startAt = clock.now();
  const faults = drawFaults(random);
  const events = drawEvents(random, startAt);
  const group = createLateGroup({ clock, creationTime: startAt, events, eventBytes, faults });
  const siems = new Map(['siem', 'lake'].map((id) => [id, drawSiem(id, random, clock)]));

  /** Two actions: something begins at a random time and ends some time later. */
  function phase(maxMs: number, begin: () => void, end: () => void): readonly Action[] {
    const from = startAt + random.below(CHANGES_MS - maxMs);
    return [
      { at: from, act: begin },
      { at: from + 1 + random.below(maxMs), act: end },
    ];
  }

  function outage(siem: FarSiem): readonly Action[] {
    const circuit = random.chance(0.7) ? 'retrying' : 'blocked';
    const maxMs = random.chance(0.3) ? 12 * HOUR_MS : 20 * MINUTE_MS;
    return phase(
      maxMs,
      () => siem.turn(circuit),
      () => siem.turn('closed'),
    );
  }

  function refusal(): readonly Action[] {
    const cause = random.pick(CAUSES);
    return phase(
      40 * MINUTE_MS,
      () => faults.refuse(cause),
      () => faults.refuse(undefined),
    );
  }

  function restart(world: RelayWorld): Action {
    const isKilled = random.chance(0.5);
    const act = async (): Promise<void> => {
      if (isKilled) world.kill();
      else await world.stop();
      world.start();
    };
    return { at: startAt + random.below(CHANGES_MS), act };
  }

  function actionsOn(world: RelayWorld): readonly Action[] {
    const outages = [...siems.values()].flatMap((siem) => draw(random, 4, () => outage(siem)).flat());
    const refusals = draw(random, 4, refusal).flat();
    return [...outages, ...refusals, ...draw(random, 12, () => restart(world))];
  }

  return {
    ...{ group, siems },
    async play(world) {
      world.start();
      for (const { at, act } of actionsOn(world).toSorted((a, b) => a.at - b.at)) {
        await clock.advance(Math.max(0, at - clock.now()));
        await act();
      }
      await clock.advance(startAt + CHANGES_MS + QUIET_MS - clock.now());
      await world.stop();
    },
  };
}

/** Fewer than `end` of them. */
function draw<T>(random: Random, end: number, one: () => T): readonly T[] {
  return Array.from({ length: random.below(end) }, one);
}

function drawEvents(random: Random, startAt: number): readonly LateEvent[] {
  return Array.from({ length: EVENTS }, (_, number) => {
    // Whole seconds, as EventBridge writes them, so that several events share one.
    const timestamp = startAt + Math.floor(random.below(ARRIVALS_MS) / 1_000) * 1_000;
    const ingestionTime = timestamp + random.below(random.chance(0.3) ? MAX_LATENESS_MS : 5_000);
    const readableAt = ingestionTime + (random.chance(0.3) ? random.below(MAX_VISIBILITY_MS) : 0);
    const id = `e${number}`;
    return { id, message: id, stream: 'stream', timestamp, ingestionTime, readableAt };
  });
}

/** One call in fifty fails, one page in twenty is empty although there is more. */
function drawFaults(random: Random): Faults & { refuse(cause: ReturnType<Faults['failure']>): void } {
  const pageSize = random.pick([3, 10, 50, 10_000]);
  let refused: ReturnType<Faults['failure']>;
  return {
    refuse(cause) {
      refused = cause;
    },
    failure: () => refused ?? (random.chance(0.02) ? random.pick(CAUSES) : undefined),
    pageSize: () => (random.chance(0.05) ? 0 : pageSize),
  };
}

function drawSiem(destination: string, random: Random, clock: VirtualClock): FarSiem {
  const maxRecords = random.pick([20, 1_000]);
  const ackMs = (): number => random.below(random.pick([2, 2_000, 20_000]));
  return createFarSiem({ clock, destination, maxRecords, ackMs });
}
