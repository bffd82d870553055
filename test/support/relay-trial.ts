import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createRandom } from './random.ts';
import { engineNamed } from './relay-engines.ts';
import { createRelayHistory } from './relay-history.ts';
import { createRelayWorld, type RelayTally } from './relay-world.ts';
import { createVirtualClock } from './virtual-clock.ts';

/** A file system in memory, where there is one: a store that is asked to sync costs nothing there. */
const SCRATCH = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

export interface TrialOptions {
  readonly seed: number;
  readonly engine: string;
}

/** What came of one random history. Records count once per destination. */
export interface Trial extends TrialOptions, RelayTally {
  readonly wanted: number;
  /** Whether the source ever counted as dense. */
  readonly wasDense: boolean;
  /** Whether complete sweeps ever stood for ids of finished events. */
  readonly wasProved: boolean;
  /** What a destination never got. */
  readonly lost: readonly string[];
  /** What came again although the agent could know that it had come. */
  readonly repeated: readonly string[];
  /** What came again for a reason: it was in flight at a crash or a split, or the log group had been made anew. */
  readonly resent: number;
}

/** Plays one random history to the real tail, relay and store, in virtual time. */
export async function playTrial({ seed, engine }: TrialOptions): Promise<Trial> {
  const directory = await mkdtemp(join(SCRATCH, 'guardrelay-'));
  const { isPrompt = false, ...parts } = engineNamed(engine);
  const random = createRandom(seed);
  const clock = createVirtualClock();
  const history = createRelayHistory({ random, clock, isPrompt });
  const siems = [...history.siems.values()];
  const path = join(directory, 'state.db');
  const world = await createRelayWorld({
    ...{ path, clock, random: random.next, engine: parts },
    ...{ group: history.group.logs, siems: history.siems },
  });
  try {
    await history.play(world);
  } finally {
    await world.close();
    await rm(directory, { recursive: true });
  }
  const { wanted } = history.group;
  const repeated = siems.flatMap((siem) => siem.repeated);
  const again = siems
    .flatMap(({ received }) => [...received.values()])
    .reduce((sum, times) => sum + times - 1, 0);
  return {
    ...{ seed, engine, repeated, resent: again - repeated.length },
    ...world.tally(),
    wasDense: world.wasDense(),
    wasProved: world.wasProved(),
    wanted: wanted.length * siems.length,
    lost: siems.flatMap(({ received }) => wanted.filter((id) => !received.has(id))),
  };
}
