import { tracingChannel } from 'node:diagnostics_channel';
import t from 'tap';

import { guardDutyRegions } from '../../agent/aws/regions.ts';
import { jitteredMs, phaseMs } from '../../agent/relay/cadence.ts';
import type { LeaseTrace } from '../../agent/relay/supervisor.ts';
import { HOME } from '../support/local-aws.ts';
import { createRandom } from '../support/random.ts';
import { ACME, GROUP, setScene } from '../support/relay-scene.ts';

const SECOND_MS = 1_000;
const SOURCES = 100_000;
const INTERVALS = 10;

function sourceNamed(at: number): string {
  const account = 100_000_000_000 + (at >> 5);
  return `customer-${at >> 10}/${account}/region-${at & 31}:/aws/events/guardrelay`;
}

/** Polls in the fullest second, in times of the mean, of sources that were all read at the moment 0. */
function fullestSecond(seconds: number, secondReadMs: (source: string) => number): number {
  const { next } = createRandom(12);
  const polls = new Uint32Array(seconds * INTERVALS);
  for (let at = 0; at < SOURCES; at += 1) {
    let second = 0;
    for (let ms = secondReadMs(sourceNamed(at)); ; ms += jitteredMs(seconds, next)) {
      second = Math.floor(ms / SECOND_MS);
      if (second >= polls.length) break;
      polls[second] = (polls[second] ?? 0) + 1;
    }
  }
  const total = polls.reduce((sum, count) => sum + count, 0);
  return polls.reduce((most, count) => Math.max(most, count), 0) / (total / polls.length);
}

for (const seconds of [15, 60, 300]) {
  t.test(`T12 100,000 sources are read every ${seconds} s, and never in one burst`, async (t) => {
    const { next } = createRandom(1);

    const fullest = fullestSecond(seconds, (source) => phaseMs(source, seconds));
    const withoutPhase = fullestSecond(seconds, () => jitteredMs(seconds, next));

    t.ok(fullest <= 3, `${fullest.toFixed(2)} times the mean`);
    t.ok(withoutPhase > 3, `by jitter alone ${withoutPhase.toFixed(2)} times`);
  });
}

t.test('T12 an agent that begins with many sources at once spreads their next reads', async (t) => {
  const regions = guardDutyRegions('aws').map(({ region }) => region);
  const scene = await setScene(t, { customers: [{ ...ACME, regions }] });
  scene.aws.world.accounts.add({ id: HOME.account, regions });
  for (const region of regions) scene.aws.logs.groups({ ...HOME, region }).create({ name: GROUP });
  const leases = tracingChannel<unknown, LeaseTrace>('guardrelay:lease');
  const beganAt = scene.clock.now();
  const readsAt = new Map<string, number[]>();
  const watcher = {
    start({ lease }: LeaseTrace) {
      const second = Math.floor((scene.clock.now() - beganAt) / SECOND_MS);
      readsAt.set(lease.source, [...(readsAt.get(lease.source) ?? []), second]);
    },
    ...{ end() {}, asyncStart() {}, asyncEnd() {}, error() {} },
  };
  leases.subscribe(watcher);
  t.teardown(() => leases.unsubscribe(watcher));

  const agent = await scene.start();
  await scene.clock.advance(125 * SECOND_MS);
  await agent.stop();

  const [firsts, seconds, thirds] = [0, 1, 2].map((nth) => [...readsAt.values()].map((reads) => reads[nth]));
  t.same(new Set(firsts), new Set([0]));
  t.ok(new Set(seconds).size > regions.length / 2, `${new Set(seconds).size} different seconds`);
  t.ok(new Set(thirds).size > regions.length / 2, `${new Set(thirds).size} different seconds`);
  for (const second of seconds ?? []) t.ok(second !== undefined && second <= 60, 'none waits for longer');
});
