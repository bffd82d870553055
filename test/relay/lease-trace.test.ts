import { tracingChannel } from 'node:diagnostics_channel';
import t from 'tap';

import type { LeaseTrace } from '../../agent/relay/supervisor.ts';
import { HOME } from '../support/local-aws.ts';
import { GROUP, setScene } from '../support/relay-scene.ts';

const POLL_MS = 60_000;
/** The supervisor looks for due sources at least this often. */
const LOOK_MS = 200;

t.test(
  'each poll of a source is published from its claim to its release, with when it was due',
  async (t) => {
    const scene = await setScene(t);
    scene.aws.logs.groups(HOME).create({ name: GROUP });
    const leases = tracingChannel<unknown, LeaseTrace>('guardrelay:lease');
    const begun: { readonly lease: LeaseTrace['lease']; readonly at: number }[] = [];
    const ended: LeaseTrace['lease'][] = [];
    const watcher = {
      start: ({ lease }: LeaseTrace) => void begun.push({ lease, at: scene.clock.now() }),
      asyncEnd: ({ lease }: LeaseTrace) => void ended.push(lease),
      ...{ end() {}, asyncStart() {}, error() {} },
    };
    leases.subscribe(watcher);
    t.teardown(() => leases.unsubscribe(watcher));

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
