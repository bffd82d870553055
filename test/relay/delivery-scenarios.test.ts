import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';

import { readSecret } from '../../agent/config/secret.ts';
import { HOME } from '../support/local-aws.ts';
import { ACME, GROUP, idsOf, putFindings, type RelayScene, setScene } from '../support/relay-scene.ts';
import { assertDelivered } from '../support/test-siem.ts';
import { startWebhookReceiver } from '../support/webhook-receiver.ts';

const MINUTE_MS = 60_000;
const FINDINGS_PER_MINUTE = 10;

interface Flow {
  readonly name: string;
  readonly minutes: number;
  /** For the other destination. */
  heldBytes(): number;
}

/** Findings each minute: how long they took to reach `lake`, and the most that was held for the other one. */
async function flow({ clock, aws, lake }: RelayScene, { name, minutes, heldBytes }: Flow) {
  const ids: string[] = [];
  const delays: number[] = [];
  let most = 0;
  for (let minute = 0; minute < minutes; minute += 1) {
    const putAt = clock.now();
    const fresh = idsOf(`${name}-${minute}`, FINDINGS_PER_MINUTE);
    putFindings({ aws, clock }, HOME, fresh);
    ids.push(...fresh);
    const before = lake.ids.length;
    while (lake.ids.length < before + FINDINGS_PER_MINUTE) await clock.advance(1_000);
    delays.push(clock.now() - putAt);
    most = Math.max(most, heldBytes());
    await clock.advance(putAt + MINUTE_MS - clock.now());
  }
  return { ids, delays, most };
}

t.test('49 a destination that is dead for an hour delays no other one', async (t) => {
  const settings = { poll: { baseSeconds: 15, activeSeconds: 15 } };
  const scene = await setScene(t, { customers: [{ ...ACME, settings }] });
  const { clock, aws, siem, lake } = scene;
  aws.logs.groups(HOME).create({ name: GROUP });
  const agent = await scene.start();
  const heldBytes = (): number => agent.heldBytes('siem');
  await clock.advance(MINUTE_MS);

  const healthy = await flow(scene, { name: 'healthy', minutes: 10, heldBytes });
  siem.isDown = true;
  const dead = await flow(scene, { name: 'dead', minutes: 60, heldBytes });
  const floors = await agent.floors();
  const all = [...healthy.ids, ...dead.ids];
  siem.isDown = false;
  await scene.until('the dead one has caught up', () => siem.ids.length >= all.length);
  await clock.advance(2 * MINUTE_MS);
  const after = await agent.floors();

  t.same(new Set(dead.delays), new Set(healthy.delays), 'to the second');
  t.ok(dead.most < 100_000, `${dead.most} bytes were held at most: those of a few minutes`);
  t.ok((floors.lake ?? 0) - (floors.siem ?? 0) >= 58 * MINUTE_MS, 'each has a position of its own');
  t.equal(after.siem, after.lake);
  for (const each of [siem, lake]) assertDelivered(t, each, all);
  await agent.stop();
});

t.test('50 wrong credentials hold everything, and once the secret is right all of it drains', async (t) => {
  const file = join(t.testdirName, 'token');
  const receiver = await startWebhookReceiver(t);
  const taken: string[] = [];
  receiver.answer = ({ headers, lines }) => {
    if (headers.authorization !== 'Bearer the new token') return { status: 401 };
    taken.push(...lines);
    return { status: 200 };
  };
  const scene = await setScene(t, { siem: { url: receiver.url, auth: { bearer: `file:${file}` } } });
  const { clock, aws, lake } = scene;
  await writeFile(file, 'an old token');
  aws.logs.groups(HOME).create({ name: GROUP });
  const agent = await scene.start({ readSecret });
  const ids = idsOf('e', 120);

  putFindings(scene, HOME, ids);
  await clock.advance(10 * MINUTE_MS);
  const blocked = agent.health();
  const takenBefore = taken.length;
  await writeFile(file, 'the new token');
  await scene.until('everything is delivered', () => taken.length >= ids.length);
  await clock.advance(2 * MINUTE_MS);

  t.match(blocked, [{ state: 'blocked', code: 'DST-004' }]);
  t.equal(takenBefore, 0);
  t.same(taken.map((line) => JSON.parse(line).event.id).toSorted(), ids.toSorted(), 'once each');
  assertDelivered(t, lake, ids);
  t.notOk(existsSync(join(scene.directory, 'quarantine')), 'nothing was ever given up');
  t.notMatch(agent.health(), [{ state: 'blocked' }]);
  await agent.stop();
});

t.test('a stop gives what is in flight five seconds, and not a second time to one that hangs', async (t) => {
  const hanging = await startWebhookReceiver(t);
  hanging.answer = () => ({ write() {} });
  const scene = await setScene(t, { siem: { url: hanging.url } });
  const { clock, aws, lake } = scene;
  const brokenOffAt: number[] = [];
  const note = (): number => brokenOffAt.push(clock.now());
  subscribe('undici:request:error', note);
  t.teardown(() => unsubscribe('undici:request:error', note));
  aws.logs.groups(HOME).create({ name: GROUP });
  const agent = await scene.start();
  await clock.advance(MINUTE_MS);
  const ids = idsOf('f', 3);
  putFindings({ aws, clock }, HOME, ids);
  await scene.until('the request hangs', () => hanging.requests.length > 0);

  const stoppedAt = clock.now();
  await agent.stop();
  const asked = hanging.requests.length;
  hanging.answer = () => ({ status: 200 });
  const next = await scene.start();
  await scene.until('it is sent again', () => hanging.requests.length > asked);
  await next.stop();

  const [waitedMs = 0] = brokenOffAt.map((at) => at - stoppedAt);
  // The store is written in real time, in which the clock of a test goes on.
  t.ok(waitedMs >= 5_000 && waitedMs < 8_000, `${waitedMs} ms`);
  t.equal(hanging.requests.at(-1)?.lines.length, 3);
  assertDelivered(t, lake, ids);
});
