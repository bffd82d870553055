import { randomInt } from 'node:crypto';
import t from 'tap';

import { BROKEN_ENGINES, type HealthyEngine } from '../support/relay-engines.ts';
import type { Trial } from '../support/relay-trial.ts';
import { createTrialPool } from '../support/trial-pool.ts';

// Random histories of one source and two destinations, played to the real tail, relay and store in virtual time.
// Every run plays some fixed seeds and some that nobody has played before. GUARDRELAY_SEEDS: how many of the latter to
// the whole engine, and a tenth of it to the one that keeps few ids; GUARDRELAY_SEED: the first of them, to play a
// failure again.

const FIXED_SEEDS = 5;
const FRESH_SEEDS = Number(process.env.GUARDRELAY_SEEDS ?? 10);
const FIRST_FRESH_SEED = Number(process.env.GUARDRELAY_SEED ?? randomInt(FIXED_SEEDS + 1, 2 ** 31));
const PROMPT_SEEDS = 5;
const FEW_IDS_SEEDS = 10;
const FRESH_FEW_IDS_SEEDS = Math.ceil(FRESH_SEEDS / 10);
/** How many histories a broken engine gets to show that it is broken. */
const BROKEN_SEEDS = 10;
const SEED_TIMEOUT_MS = 10_000;

const HEALTHY_SEEDS = FIXED_SEEDS + FRESH_SEEDS + PROMPT_SEEDS + FEW_IDS_SEEDS + FRESH_FEW_IDS_SEEDS;
t.setTimeout((HEALTHY_SEEDS + BROKEN_ENGINES.length * BROKEN_SEEDS) * SEED_TIMEOUT_MS);
t.jobs = BROKEN_ENGINES.length;
const pool = createTrialPool();
t.teardown(() => pool.close());

function seedsFrom(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

function playAll(engine: HealthyEngine, seeds: readonly number[]): Promise<readonly Trial[]> {
  return Promise.all(seeds.map((seed) => pool.play({ seed, engine })));
}

function isBad({ lost, repeated }: Trial): boolean {
  return lost.length > 0 || repeated.length > 0;
}

async function firstBadSeed(engine: string): Promise<number | undefined> {
  for (const seed of seedsFrom(1, BROKEN_SEEDS)) if (isBad(await pool.play({ seed, engine }))) return seed;
  return undefined;
}

function summaryOf(trials: readonly Trial[]): string {
  const total = (count: (trial: Trial) => number): string =>
    trials.reduce((sum, trial) => sum + count(trial), 0).toLocaleString('en');
  return [
    `${trials.length} histories, the fresh ones from seed ${FIRST_FRESH_SEED}`,
    `${total(({ wanted }) => wanted)} records`,
    `${total(({ crashes }) => crashes)} crashes`,
    `${total(({ restarts }) => restarts)} restarts`,
    `${total(({ splits }) => splits)} splits`,
    `${total(({ wasDense }) => Number(wasDense))} dense`,
    `${total(({ lost }) => lost.length)} lost`,
    `${total(({ repeated }) => repeated.length)} repeated`,
    `${total(({ resent }) => resent)} sent again for a reason`,
  ].join(', ');
}

t.test('T02 random histories lose nothing, and repeat only what the agent could not know', async (t) => {
  const seeds = [...seedsFrom(1, FIXED_SEEDS), ...seedsFrom(FIRST_FRESH_SEED, FRESH_SEEDS)];

  const trials = await playAll('whole', seeds);

  t.same(trials.filter(isBad), [], summaryOf(trials));
});

t.test(
  'T02 without overlap and sweeps, nothing is lost of events that are readable at their time',
  async (t) => {
    const trials = await playAll('prompt', seedsFrom(1, PROMPT_SEEDS));

    t.same(trials.filter(isBad), []);
  },
);

t.test('T02 random histories lose nothing where complete sweeps stand for ids', async (t) => {
  const seeds = [...seedsFrom(1, FEW_IDS_SEEDS), ...seedsFrom(FIRST_FRESH_SEED, FRESH_FEW_IDS_SEEDS)];

  const trials = await playAll('that keeps few ids', seeds);

  t.same(trials.filter(isBad), [], summaryOf(trials));
  t.ok(trials.some(({ wasProved }) => wasProved));
});

for (const engine of BROKEN_ENGINES) {
  t.test(`T02 an engine ${engine} fails it`, async (t) => {
    const badSeed = await firstBadSeed(engine);

    t.ok(badSeed, `with seed ${badSeed}`);
  });
}
