import { tracingChannel } from 'node:diagnostics_channel';
import t, { type Test } from 'tap';

import type { LeaseTrace } from '../../agent/relay/supervisor.ts';
import { HOME } from '../support/local-aws.ts';
import { GROUP, idsOf, putFindings, setScene } from '../support/relay-scene.ts';
import { assertDelivered } from '../support/test-siem.ts';
import type { VirtualClock } from '../support/virtual-clock.ts';

const SECOND_MS = 1_000;
const POLL_MS = 60_000;
/** The supervisor looks for due sources at least this often. */
const LOOK_MS = 200;

/** The leases that agents take from here on, and those that have ended. */
function watchLeases(t: Test, clock: Pick<VirtualClock, 'now'>) {
  const leases = tracingChannel<unknown, LeaseTrace>('guardrelay:lease');
  const begun: { readonly lease: LeaseTrace['lease']; readonly at: number }[] = [];
  const ended: LeaseTrace['lease'][] = [];
  const watcher = {
    start: ({ lease }: LeaseTrace) => void begun.push({ lease, at: clock.now() }),
    asyncEnd: ({ lease }: LeaseTrace) => void ended.push(lease),
    ...{ end() {}, asyncStart() {}, error() {} },
  };
  leases.subscribe(watcher);
  t.teardown(() => leases.unsubscribe(watcher));
  return { begun, ended };
}

t.test(
  'each poll of a source is published from its claim to its release, with when it was due',
  async (t) => {
    const scene = await setScene(t);
    scene.aws.logs.groups(HOME).create({ name: GROUP });
    const { begun, ended } = watchLeases(t, scene.clock);

    const agent = await scene.start();
    await scene.clock.advance(3 * POLL_MS + LOOK_MS);
    await agent.stop();

    t.equal(begun.length, 4, 'one at once, then one a minute');
    t.same(
      begun.map(({ lease }) => lease),
      ended,
    );
    for (const [index, { lease, at }] of begun.entries()) {
      t.ok(lease.dueAt <= at && at - lease.dueAt <= LOOK_MS, `poll ${index} begins when it is due`);
    }
  },
);

t.test('an agent whose clock is set forward takes no source from itself', async (t) => {
  const scene = await setScene(t);
  const { clock, siem, lake } = scene;
  const ids = idsOf('waiting', 5);
  putFindings(scene, HOME, ids);
  siem.isDown = true;
  const agent = await scene.start();
  await clock.advance(10 * SECOND_MS);
  const { begun, ended } = watchLeases(t, clock);

  for (let time = 0; time < 3; time += 1) {
    clock.setWall(30 * SECOND_MS);
    await clock.advance(30 * SECOND_MS);
  }
  const whileDown = { begun: begun.length, ended: ended.length };
  siem.isDown = false;
  await scene.until('everything is delivered', () => siem.ids.length >= ids.length);
  await agent.stop();

  t.same(whileDown, { begun: 0, ended: 0 }, 'whoever served the source goes on');
  for (const each of [siem, lake]) assertDelivered(t, each, ids);
});
