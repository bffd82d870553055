import { createFarSiem, type FarSiem } from './far-siem.ts';
import type { Random } from './random.ts';
import { CAUSES, CHANGES_MS, createRandomGroup, type RandomGroup } from './random-group.ts';
import type { RelayWorld } from './relay-world.ts';
import type { VirtualClock } from './virtual-clock.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MAX_OFF_MS = 3 * HOUR_MS;
const MAX_SKEW_MS = 48 * HOUR_MS;
/** Afterwards all is well for this long: the sweep of 25 hours comes every 6 hours, and once a day where much is held. */
const QUIET_MS = 8 * HOUR_MS;
const LARGE_QUIET_MS = 26 * HOUR_MS;

/** What happens around one source, all of it drawn from one seed. */
export interface RelayHistory {
  readonly group: RandomGroup;
  readonly siems: ReadonlyMap<string, FarSiem>;
  /** From the first event until every sweep must have found what came late. */
  play(world: RelayWorld): Promise<void>;
}

interface Action {
  readonly at: number;
  act(): void | Promise<void>;
}

interface RelayHistoryOptions {
  readonly random: Random;
  readonly clock: VirtualClock;
  /** Nothing comes late. */
  readonly isPrompt: boolean;
}

/** Begins when the clock stands now. */
export function createRelayHistory(options: RelayHistoryOptions): RelayHistory {
  const { random, clock } = options;
  const startAt = clock.now();
  const group = createRandomGroup(options);
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
      () => group.refuse(cause),
      () => group.refuse(undefined),
    );
  }

  function restart(world: RelayWorld): Action {
    const isKilled = random.chance(0.5);
    const offMs = random.chance(0.2) ? random.below(MAX_OFF_MS) : 0;
    const skewMs = random.chance(0.2) ? random.below(2 * MAX_SKEW_MS) - MAX_SKEW_MS : 0;
    const act = async (): Promise<void> => {
      if (isKilled) world.kill();
      else await world.stop();
      await clock.advance(offMs);
      world.start(skewMs);
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
      await clock.advance(Math.max(0, startAt + CHANGES_MS - clock.now()));
      group.heal();
      await clock.advance(group.isLarge ? LARGE_QUIET_MS : QUIET_MS);
      await world.stop();
    },
  };
}

/** Fewer than `end` of them. */
function draw<T>(random: Random, end: number, one: () => T): readonly T[] {
  return Array.from({ length: random.below(end) }, one);
}

function drawSiem(destination: string, random: Random, clock: VirtualClock): FarSiem {
  const maxRecords = random.pick([20, 1_000]);
  const ackMs = (): number => random.below(random.pick([2, 2_000, 20_000]));
  return createFarSiem({ clock, destination, maxRecords, ackMs });
}
