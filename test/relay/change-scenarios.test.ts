import type { SourceStatus } from '../../agent/checkpoint/store.ts';
import { HOME } from '../support/local-aws.ts';
import { createRandom } from '../support/random.ts';
import { finding, GROUP, idsOf, putFindings, setScene } from '../support/relay-scene.ts';
import { scenario } from '../support/scenario.ts';
import { assertDelivered, startTestSiem } from '../support/test-siem.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** The bits of the destinations of the only source. */
function bitsIn([status]: readonly SourceStatus[]): Readonly<Record<string, number>> {
  const positions = status?.saved?.positions ?? [];
  return Object.fromEntries(positions.map(({ destination, bit }) => [destination, bit]));
}

scenario('T06 destinations come and go', async (t, pages) => {
  const scene = await setScene(t, { pages });
  const { clock, siem, lake } = scene;
  const archive = await startTestSiem(t);
  const urls = { siem: siem.url, lake: lake.url, archive: archive.url };
  /** Runs an agent with these destinations. Of the new events one is late, which the next run finds at the latest. */
  const run = async (name: string, destinations: readonly (keyof typeof urls)[], isLast = false) => {
    clock.jump(40 * MINUTE_MS);
    const agent = await scene.start({ destinations: destinations.map((id) => ({ id, url: urls[id] })) });
    await clock.advance(SECOND_MS);
    if (!isLast) putFindings(scene, HOME, [`${name} late`], () => clock.now() - 20 * MINUTE_MS);
    await clock.advance(MINUTE_MS);
    putFindings(scene, HOME, [`${name} on time`]);
    await clock.advance(MINUTE_MS);
    const bits = bitsIn(await agent.stored());
    await agent.stop();
    return bits;
  };

  await run('one', ['siem']);
  await run('two', ['siem', 'lake']);
  const withoutLake = await run('three', ['siem', 'archive']);
  const withAll = await run('four', ['siem', 'lake', 'archive']);
  await run('five', ['siem', 'lake', 'archive'], true);

  const since = (...names: readonly string[]): readonly string[] => [
    ...names.flatMap((name) => [`${name} late`, `${name} on time`]),
    'five on time',
  ];
  assertDelivered(t, siem, since('one', 'two', 'three', 'four'));
  // The newest event that was known when it came is where a new destination begins.
  assertDelivered(t, lake, ['one on time', ...since('two', 'three', 'four')]);
  assertDelivered(t, archive, ['two on time', ...since('three', 'four')]);
  t.same(withoutLake, { siem: 0, lake: 1, archive: 2 }, 'one that is removed keeps its place');
  t.same(withAll, withoutLake);
});

scenario('T08 three days offline, with events up to 24 hours late', async (t, pages) => {
  const scene = await setScene(t, { pages });
  const { clock, aws, siem, lake } = scene;
  const random = createRandom(8);
  const ids = idsOf('e', 3_000);
  const beganAt = clock.now();
  const events = ids.map((id) => {
    const readableAt = beganAt + random.below(4 * DAY_MS);
    const ingestionTime = Math.max(beganAt, readableAt - random.below(10 * MINUTE_MS));
    const lateness = random.chance(0.5) ? 0 : random.below(DAY_MS);
    return { timestamp: ingestionTime - lateness, ingestionTime, readableAt, message: finding(id, HOME) };
  });
  aws.logs.insert(HOME, GROUP, events);

  for (const offline of [DAY_MS, 3 * DAY_MS, 0]) {
    const agent = await scene.start();
    await clock.advance(3 * MINUTE_MS);
    await agent.stop();
    clock.jump(offline);
  }

  for (const each of [siem, lake]) assertDelivered(t, each, ids);
});
