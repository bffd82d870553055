import t from 'tap';

import { HOME } from '../support/local-aws.ts';
import { ACME, idsOf, putFindings, setScene } from '../support/relay-scene.ts';
import { assertDelivered } from '../support/test-siem.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Findings on one page of 1 MB, with those on the wire: what a kill can repeat. */
const IN_FLIGHT = 4_000;

t.test('S38 a first start on 20,000 old events, killed at half', async (t) => {
  const settings = { collect: { startAt: 'beginning' } };
  const scene = await setScene(t, { customers: [{ ...ACME, settings }] });
  const { clock, siem, lake } = scene;
  const ids = idsOf('old', 20_000);
  const oldest = clock.now() - 10 * DAY_MS;
  const timeOf = (index: number): number => oldest + index * 40 * SECOND_MS;
  putFindings(scene, HOME, ids, timeOf);
  const killed = await scene.start();
  await scene.until('half of it is delivered', () => siem.records.length >= 10_000);
  const floors = await killed.floors();
  const shipped = new Set(siem.ids);
  const unshipped = ids.findIndex((id) => !shipped.has(id));

  const agent = await scene.start({ directory: await killed.kill() });
  await clock.advance(3 * MINUTE_MS);

  t.ok(floors.siem && floors.siem <= timeOf(unshipped), 'the floor passes nothing that is not delivered');
  t.ok(floors.siem && floors.siem > timeOf(unshipped - IN_FLIGHT), 'and is not far behind it');
  for (const each of [siem, lake]) assertDelivered(t, each, ids, IN_FLIGHT);
  await agent.stop();
});

t.test('S38 a first start at "now" reads nothing that is old', async (t) => {
  const scene = await setScene(t);
  const { clock, siem, lake } = scene;
  putFindings(scene, HOME, idsOf('old', 1_000));
  await clock.advance(26 * HOUR_MS);
  const agent = await scene.start();
  await clock.advance(MINUTE_MS);

  putFindings(scene, HOME, ['new']);
  await clock.advance(2 * MINUTE_MS);

  for (const each of [siem, lake]) assertDelivered(t, each, ['new']);
  await agent.stop();
});
