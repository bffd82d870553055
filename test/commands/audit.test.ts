import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import t, { type Test } from 'tap';

import { eventKey } from '../../agent/model/event-key.ts';
import { ADMIN, finding, GROUP, placeOf, REGIONS, type Scene, setScene } from '../support/agent-cli.ts';

const MINUTE_MS = 60_000;

/** A scene whose events have been in the log groups for an hour: long enough for every poll to have shown them. */
async function setOldScene(t: Test): Promise<Scene> {
  const scene = await setScene(t, {
    defaults: { poll: { baseSeconds: 1, activeSeconds: 1 }, collect: { startAt: '-2h' } },
  });
  for (const region of REGIONS)
    insertOld(scene, region, [finding(0), finding(1), finding(2), heartbeat(region)]);
  return scene;
}

function insertOld({ aws }: Scene, region: string, messages: readonly string[]): void {
  const first = Date.now() - 60 * MINUTE_MS;
  const events = messages.map((message, index) => {
    const timestamp = first + index * MINUTE_MS;
    return { timestamp, ingestionTime: timestamp, message };
  });
  aws.logs.insert(placeOf(region), GROUP, events);
}

function heartbeat(region: string): string {
  return JSON.stringify({
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: ADMIN,
    region,
    resources: [`arn:aws:events:${region}:${ADMIN}:rule/guardrelay-heartbeat`],
    detail: {},
  });
}

async function auditOf({ guardrelay }: Scene) {
  const { code, stdout, stderr } = await guardrelay('audit', '--from', '3h', '--json');
  return { code, stderr, ...JSON.parse(stdout || '{}') };
}

/** The rows of the store that say how far every destination is. */
function checkpoints({ cwd }: Scene): unknown {
  using database = new DatabaseSync(join(cwd, 'state', 'state.db'), { readOnly: true });
  return ['source', 'position', 'lease', 'finished'].map((name) =>
    database.prepare(`select * from ${name}`).all(),
  );
}

/** Takes the oldest finished event of a region out of the store; its key. */
function forgetOldest({ cwd }: Scene, region: string): unknown {
  using database = new DatabaseSync(join(cwd, 'state', 'state.db'));
  const oldest = `select sid, key from finished join source using (sid) where id like ? order by ts limit 1`;
  const forget = database.prepare(`delete from finished where (sid, key) in (${oldest}) returning key`);
  return forget.get(`%/${region}:%`)?.key;
}

t.test('what was delivered is proved, and what the store lost is missing, by its id', async (t) => {
  const scene = await setOldScene(t);
  const pass = await scene.guardrelay('run', '--once');
  t.equal(pass.code, 0, pass.stderr);
  const before = checkpoints(scene);

  const sound = await auditOf(scene);
  const after = checkpoints(scene);
  const forgotten = forgetOldest(scene, 'us-east-1');
  const [broken, shown] = await Promise.all([
    auditOf(scene),
    scene.guardrelay('audit', '--from', '3h', '--output', 'table'),
  ]);

  t.equal(sound.code, 0, sound.stderr);
  t.match(sound.summary, { events: 8, delivered: 6, notOwed: 2, waiting: 0, missing: 0, unread: 0 });
  t.same(after, before, 'no checkpoint has changed');
  t.equal(broken.code, 4, broken.stderr);
  t.match(broken.data, [
    { region: 'eu-west-1', missing: 0, missingEvents: [] },
    { region: 'us-east-1', delivered: 2, missing: 1, missingEvents: [{ destination: 'siem' }] },
  ]);
  const { stream, eventId } = broken.data[1].missingEvents[0];
  t.same(eventKey(stream, eventId), forgotten);
  t.equal(shown.code, 4);
  t.match(shown.stdout, eventId);
  t.match(shown.stdout, '5 delivered, 0 in quarantine, 2 not owed, 0 waiting, 1 missing.');
});

t.test('what the destination refused is counted in quarantine, and what came since waits', async (t) => {
  const scene = await setOldScene(t);
  scene.siem.answer = ({ lines }) => ({ status: lines.some((line) => line.includes('"f-1"')) ? 400 : 200 });
  const pass = await scene.guardrelay('run', '--once');
  t.equal(pass.code, 0, pass.stderr);

  const refused = await auditOf(scene);
  scene.aws.logs.insert(placeOf('us-east-1'), GROUP, [{ timestamp: Date.now(), message: finding(9) }]);
  const later = await auditOf(scene);

  t.equal(refused.code, 0, refused.stderr);
  t.match(refused.summary, { events: 8, delivered: 4, quarantined: 2, notOwed: 2, missing: 0 });
  t.equal(later.code, 3);
  t.match(later.summary, { delivered: 4, quarantined: 2, waiting: 1, missing: 0 });
});

t.test('a region that cannot be read is named, and what is forgotten is not claimed', async (t) => {
  const scene = await setOldScene(t);
  await scene.guardrelay('run', '--once');
  scene.aws.world.faults.add({
    ...{ service: 'logs', region: 'eu-west-1' },
    effect: { kind: 'error', code: 'AccessDeniedException', message: 'explicit deny' },
  });

  const [{ code, data, stderr }, forgotten] = await Promise.all([
    auditOf(scene),
    scene.guardrelay('audit', '--from', '30d'),
  ]);

  t.equal(code, 7);
  t.match(data, [
    { region: 'eu-west-1', events: 0, failure: { code: 'AUTH-006', text: /explicit deny/ } },
    { region: 'us-east-1', delivered: 3 },
  ]);
  t.match(stderr, '1 of the sources could not be read.');
  t.equal(forgotten.code, 2);
  t.match(forgotten.stderr, /CLI-001.*forgotten after 21 days/s);
  t.match(forgotten.stderr, /--from 20\d\d-/);
});

t.test('a window that proves nothing is refused', async (t) => {
  const scene = await setScene(t);

  const [reversed, never] = await Promise.all([
    scene.guardrelay('audit', '--from', '1h', '--to', '2h'),
    scene.guardrelay('audit', '--from', '3h'),
  ]);

  t.equal(reversed.code, 2);
  t.match(reversed.stderr, /ends before it begins/);
  t.equal(never.code, 3);
  t.match(never.stderr, /AGT-002/);
});
