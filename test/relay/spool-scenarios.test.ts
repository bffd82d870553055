import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';

import type { SourceRow } from '../../agent/health/overview.ts';
import type { LogFields } from '../../agent/model/logger.ts';
import { silentLogger } from '../../agent/model/logger.ts';
import { diskRest } from '../support/disk-rest.ts';
import { HOME } from '../support/local-aws.ts';
import { ACME, GROUP, putFindings, type RelayScene, setScene } from '../support/relay-scene.ts';
import { type PageOrder, scenario } from '../support/scenario.ts';
import { assertDelivered } from '../support/test-siem.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LOOK_MS = 70_000;
const IDS = ['a', 'b', 'c', 'd', 'e'];

interface SpoolScene extends RelayScene {
  readonly spool: string;
  readonly errors: LogFields[];
}

/** A log group that keeps a day, an agent with a spool, and a SIEM that is down. */
async function spoolScene(t: Test, pages: PageOrder): Promise<SpoolScene> {
  const spool = join(t.testdirName, 'spool');
  const settings = { heartbeat: { mode: 'off' }, poll: { activeSeconds: 60 } };
  const scene = await setScene(t, {
    pages,
    rest: diskRest,
    customers: [{ ...ACME, settings }],
    agent: { spool: { dir: spool } },
  });
  scene.aws.logs.groups(HOME).create({ name: GROUP, retentionInDays: 1 });
  scene.siem.isDown = true;
  return { ...scene, spool, errors: [] };
}

async function start(scene: SpoolScene, directory?: string) {
  const logger = { ...silentLogger, error: (_: string, fields: LogFields = {}) => scene.errors.push(fields) };
  return scene.start({ logger, ...(directory === undefined ? {} : { directory }) });
}

/** A finding every six hours. The agent is stopped between its looks, for less than a spool may miss. */
async function liveOn(scene: SpoolScene, ids: readonly string[]): Promise<readonly SourceRow[]> {
  const seen: SourceRow[] = [];
  for (const id of ids) {
    putFindings(scene, HOME, [id]);
    for (const _ of [1, 2]) {
      const agent = await start(scene);
      await scene.clock.advance(LOOK_MS);
      seen.push(...agent.health());
      await agent.stop();
      scene.clock.jump(3 * HOUR - LOOK_MS);
    }
  }
  return seen;
}

scenario(
  '52 what the log group dropped while a destination was dead comes from the spool',
  async (t, pages) => {
    const scene = await spoolScene(t, pages);
    const { clock, siem, lake } = scene;
    const whileDown = await liveOn(scene, IDS);
    const files = filesIn(scene.spool);

    siem.isDown = false;
    const agent = await start(scene);
    // For ten minutes it is told that the last acknowledgement came late.
    await clock.advance(12 * MINUTE);
    const [afterwards] = agent.health();
    await agent.stop();
    const later = await start(scene);
    await clock.advance(LOOK_MS);
    await later.stop();

    assertDelivered(t, lake, IDS);
    assertDelivered(t, siem, IDS);
    t.same(gapsAt(scene), []);
    t.equal(files.length, 1);
    t.match(whileDown.at(-1), { state: 'failing', code: 'SRC-005', reason: /and the spool holds them/ });
    t.match(afterwards, { state: 'ok' });
    t.same(filesIn(scene.spool), [], 'what every destination has is deleted');
    t.same(
      scene.errors.filter(({ code }) => code === 'AGT-007'),
      [],
    );
  },
);

t.test('52 an agent that is killed while it spools loses nothing of it', async (t) => {
  const scene = await spoolScene(t, 'sorted');
  let directory = scene.directory;
  for (const id of IDS) {
    putFindings(scene, HOME, [id]);
    for (const lookMs of [LOOK_MS, 20_000, LOOK_MS]) {
      const agent = await start(scene, directory);
      await scene.clock.advance(lookMs);
      directory = await agent.kill();
      scene.clock.jump(2 * HOUR - lookMs);
    }
  }

  await comeBack(scene, directory);

  assertDelivered(t, scene.siem, IDS);
  t.same(gapsAt(scene), []);
});

t.test('52 a spool that cannot be written is told once and holds nothing up', async (t) => {
  const scene = await spoolScene(t, 'sorted');
  writeFileSync(scene.spool, 'a file where a folder should be');
  await liveOn(scene, IDS);

  await comeBack(scene);

  assertDelivered(t, scene.lake, IDS);
  t.equal(gapsAt(scene).length, 1, 'what is lost is told');
  t.ok(scene.siem.ids.includes('e'), 'and what is left is delivered');
  const told = scene.errors.filter(({ code }) => code === 'AGT-007');
  t.match(told[0], { dir: scene.spool });
  t.equal(told.length, 2 * IDS.length + 1, 'once in each run of the agent');
});

t.test('52 what is damaged in the spool is told as a gap, and the rest is delivered', async (t) => {
  const scene = await spoolScene(t, 'sorted');
  await liveOn(scene, IDS);
  const [path = ''] = filesIn(scene.spool);
  const bytes = readFileSync(path);
  const at = bytes.indexOf('finding/b');
  writeFileSync(path, bytes.fill('x', at, at + 4));

  await comeBack(scene);

  t.ok(at > 0);
  t.same(gapsAt(scene).length, 1);
  t.notOk(scene.siem.ids.includes('b'));
  for (const id of ['a', 'c', 'd', 'e']) t.ok(scene.siem.ids.includes(id), id);
  t.match(
    scene.errors.find(({ code }) => code === 'AGT-007'),
    { damage: 'the CRC is wrong' },
  );
});

/** The SIEM takes records again. */
async function comeBack(scene: SpoolScene, directory?: string): Promise<void> {
  scene.siem.isDown = false;
  const agent = await start(scene, directory);
  await scene.clock.advance(LOOK_MS);
  await agent.stop();
}

function gapsAt({ siem }: SpoolScene): readonly unknown[] {
  return siem.records.filter(({ type }) => type === 'source.gap');
}

function filesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name));
}
