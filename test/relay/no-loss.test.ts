import { join } from 'node:path';
import t, { type Test } from 'tap';

import type { Read } from '../../agent/tail/read.ts';
import type { Reader } from '../../agent/tail/reader.ts';
import type { LateOptions } from '../../agent/tail/window.ts';
import { createRandom } from '../support/random.ts';
import { createRelayHistory } from '../support/relay-history.ts';
import { createRelayWorld, type Engine } from '../support/relay-world.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

// Random histories of one source and two destinations, played to the real tail, relay and store in virtual time.
// `GUARDRELAY_SEEDS=500 node test/relay/no-loss.test.ts` plays more of them; a failure names its seed.

const SEEDS = Number(process.env.GUARDRELAY_SEEDS ?? 3);
const SEED_TIMEOUT_MS = 10_000;
/** How many histories a broken engine gets to show that it loses. */
const BROKEN_SEEDS = 3;

const SMALL_BYTES = 100;
/** A window of such events holds several megabytes, so that its sweeps are reads of their own. */
const LARGE_BYTES = 50_000;

const LATE: LateOptions = {
  overlapMinutes: 15,
  sweeps: [
    { windowMinutes: 180, everyMinutes: 30 },
    { windowMinutes: 1_500, everyMinutes: 360 },
  ],
};

// Also for the file as a whole.
t.setTimeout((SEEDS + 2 * BROKEN_SEEDS) * SEED_TIMEOUT_MS);

interface Outcome {
  /** What a destination never got. */
  readonly lost: readonly string[];
  /** What came again although the agent could know that it had come. */
  readonly repeated: readonly string[];
}

async function play(t: Test, seed: number, engine: Engine, eventBytes = SMALL_BYTES): Promise<Outcome> {
  const random = createRandom(seed);
  const clock = createVirtualClock();
  const history = createRelayHistory(random, clock, eventBytes);
  const { group, siems } = history;
  const path = join(t.testdir({}), 'state.db');
  const world = await createRelayWorld({ path, clock, random: random.next, engine, group, siems });
  await history.play(world);
  await world.close();
  const ids = group.events.map(({ id }) => id);
  return {
    lost: [...siems.values()].flatMap(({ received }) => ids.filter((id) => !received.has(id))),
    repeated: [...siems.values()].flatMap(({ repeated }) => repeated),
  };
}

async function lossesOf(t: Test, engine: Engine): Promise<number> {
  let losses = 0;
  for (let seed = 1; seed <= BROKEN_SEEDS && losses === 0; seed += 1) {
    losses += (await play(t, seed, engine)).lost.length;
  }
  return losses;
}

t.test('T02 random histories lose nothing, and repeat only what the agent could not know', async (t) => {
  t.setTimeout(SEEDS * SEED_TIMEOUT_MS);

  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const outcome = await play(t, seed, { late: LATE }, seed % 2 === 0 ? LARGE_BYTES : SMALL_BYTES);

    t.same(outcome, { lost: [], repeated: [] }, `seed ${seed}`);
  }
});

t.test('T02 an engine that never looks back fails it', async (t) => {
  // As far as the sweeps that are built in, so that those are left out, and never due.
  const never = { windowMinutes: 14 * 24 * 60, everyMinutes: 1e9 };

  const losses = await lossesOf(t, { late: { overlapMinutes: 0, sweeps: [never] } });

  t.not(losses, 0);
});

/** Takes a read that failed for one that found nothing. */
async function* takenAsEmpty(reads: AsyncIterable<Read>, startedAt: number): AsyncGenerator<Read> {
  for await (const read of reads) {
    if (read.kind !== 'failed') yield read;
    else yield { kind: 'complete', what: read.what, startedAt, highWater: startedAt, pages: 0, bytes: 0 };
  }
}

t.test('T02 an engine whose position moves on an error fails it', async (t) => {
  const breakReader = (reader: Reader): Reader => ({
    ...reader,
    read: (...args) => takenAsEmpty(reader.read(...args), reader.serviceNow() ?? 0),
  });

  const losses = await lossesOf(t, { late: LATE, breakReader });

  t.not(losses, 0);
});
