import t, { type Test } from 'tap';

import { createQuota } from '../../agent/aws/quota.ts';
import { createStackLook } from '../../agent/commands/view/stacks.ts';
import { silentLogger } from '../../agent/model/logger.ts';
import { stackState } from '../../agent/model/stack-facts.ts';
import { until } from '../peers/support/until.ts';
import { observedSource } from '../support/agent-view.ts';
import { clientsOf } from '../support/aws-clients.ts';
import { type CheckedWorld, customerOf, startCheckedWorld } from '../support/checked-world.ts';
import { ACCOUNT } from '../support/local-aws.ts';
import { finish } from '../support/virtual-clock.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const REGION = 'eu-west-1';
const ASKING = 'it is being asked for';

/** The look of an agent that reads one region, and what it asked AWS. */
function lookOf(t: Test, world: CheckedWorld, settings: object = {}) {
  const { clock } = world;
  const source = { ...observedSource('acme', ACCOUNT), region: REGION };
  const look = createStackLook({
    ...{ clock, logger: silentLogger, quota: createQuota(clock) },
    clients: clientsOf(t, { ...world, keys: world.relay }),
    customers: [customerOf({ regions: [REGION], ...settings })],
    observed: () => [source],
  });
  t.teardown(() => finish(clock, look.close()));
  const stop = new AbortController();
  const watching = look.watch.run(stop.signal);
  return {
    ...look,
    states: () => look.latest().map((facts) => stackState(facts)),
    /** Templates are read from the disk, for which time does not stand still. */
    looked: (after = 0) =>
      until('it has looked', async () => {
        await clock.advance(0);
        return look
          .latest()
          .every(({ seenAt, hindrance = ASKING }) => (seenAt ?? 0) > after || hindrance !== ASKING);
      }),
    async end() {
      stop.abort();
      await finish(clock, watching);
    },
  };
}

t.test('what stands in a region is looked at a quarter of an hour after the start', async (t) => {
  const world = await startCheckedWorld(t, [REGION]);
  const { states, looked, end } = lookOf(t, world);

  t.same(states(), ['unknown'], 'nobody has looked yet');
  await world.clock.advance(14 * MINUTE_MS);
  t.same(states(), ['unknown']);
  await world.clock.advance(2 * MINUTE_MS);
  await looked();
  t.same(states(), ['current']);
  await end();
});

t.test('a stack of another configuration is outdated until somebody updates it', async (t) => {
  const world = await startCheckedWorld(t, [REGION]);
  const { states, latest, looked, end } = lookOf(t, world, { stack: { retentionDays: 60 } });

  await world.clock.advance(16 * MINUTE_MS);
  await looked();
  const [before] = latest();
  t.same(states(), ['outdated']);
  t.not(before?.seen?.configHash, before?.expected.configHash);
  await end();
});

t.test('while somebody looks at the page it is asked for hourly, else daily', async (t) => {
  const world = await startCheckedWorld(t, [REGION]);
  const { known, latest, looked, end } = lookOf(t, world);
  const seenAt = (): number => latest()[0]?.seenAt ?? 0;

  await world.clock.advance(16 * MINUTE_MS);
  await looked();
  const first = seenAt();
  await world.clock.advance(10 * 60 * MINUTE_MS);
  t.equal(seenAt(), first, 'nobody looks');
  known();
  await looked(first);
  const asked = seenAt();
  await world.clock.advance(DAY_MS + 60 * MINUTE_MS);
  await looked(asked);
  t.ok(seenAt() > asked && asked > first, 'somebody does, and then a day is over');
  await end();
});

t.test('without the right to look nothing is claimed, and the reason is kept', async (t) => {
  const world = await startCheckedWorld(t, [REGION]);
  const message = 'not authorized to perform: events:ListTagsForResource';
  world.aws.world.faults.add({
    operation: 'ListTagsForResource',
    effect: { kind: 'error', code: 'AccessDeniedException', message },
  });
  const { states, latest, looked, end } = lookOf(t, world);

  await world.clock.advance(16 * MINUTE_MS);
  await looked();

  t.same(states(), ['unknown']);
  t.match(latest(), [{ hindrance: /events:ListTagsForResource/ }]);
  await end();
});
