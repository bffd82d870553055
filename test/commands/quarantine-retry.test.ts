import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';

import { until } from '../peers/support/until.ts';
import { linesOf, type Scene } from '../support/agent-cli.ts';
import { startCli } from '../support/cli.ts';
import { fileOf, findingsAt, idsWith, listed, refuseTwo, refusing } from '../support/refused-findings.ts';
import { startWebhookReceiver } from '../support/webhook-receiver.ts';

/** The configuration is another one from now on. */
async function reconfigure({ cwd }: Scene, change: (destinations: object[]) => object[]): Promise<void> {
  const path = join(cwd, 'guardrelay.yaml');
  const config = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify({ ...config, destinations: change(config.destinations) }));
}

t.test('to the destination that refused', async (t) => {
  const scene = await refuseTwo(t);

  await t.test('what it does not take now is kept, and the reason told', async (t) => {
    scene.siem.answer = () => ({ status: 401 });
    const blocked = await scene.guardrelay('quarantine', 'retry', '--all');
    scene.siem.answer = () => ({ status: 503 });
    const late = await scene.guardrelay('quarantine', 'retry', '--all', '--timeout', '1');

    t.equal(blocked.code, 4, blocked.stderr);
    t.match(blocked.stdout, /kept.*DST-004/);
    t.equal(late.code, 6, late.stderr);
    t.match(late.stdout, /kept.*answered 503/);
    t.equal((await listed(scene)).data.length, 2);
  });

  await t.test('a retry that is killed loses nothing', async (t) => {
    const { siem, cwd, env } = scene;
    // The answer reaches nobody: it has been taken, and that was never noted.
    siem.answer = () => ({ write: () => {} });
    siem.requests.length = 0;
    const child = await startCli(['quarantine', 'retry', '--all'], { cwd, env });
    t.teardown(() => child.end('SIGKILL'));
    await until('the records are on their way', () => siem.requests.length > 0);
    await child.end('SIGKILL');
    // As if it had been cut off while it wrote.
    await writeFile(fileOf(scene), '{"schema":"guardrelay.quarantine-re', { flag: 'a' });

    const left = await listed(scene);

    t.match(
      left.summary,
      { records: 2, files: [{ released: 0 }] },
      'they are sent once more, under the same keys',
    );
  });

  await t.test('what it takes when it is repaired is released, and counted as delivered', async (t) => {
    const { siem, guardrelay } = scene;
    const [first = '', second = ''] = await idsWith(scene, ['f-3', 'f-7']);

    siem.answer = refusing(/"f-7"/);
    const partly = await guardrelay('quarantine', 'retry', '--all', '--json');
    const [rest, audited] = await Promise.all([listed(scene), guardrelay('audit', '--from', '1h', '--json')]);
    siem.requests.length = 0;
    siem.answer = () => ({ status: 200 });
    const done = await guardrelay('quarantine', 'retry', second.slice(0, 6));
    const sent = findingsAt(scene);
    const [nothing, gone, clean] = await Promise.all([
      guardrelay('quarantine', 'retry', '--account', '123456789123'),
      guardrelay('quarantine', 'show', first),
      guardrelay('audit', '--from', '1h', '--json'),
    ]);

    t.equal(partly.code, 7, partly.stderr);
    t.match(partly.stderr, '1 of 2 records released, 1 refused again.');
    t.match(JSON.parse(partly.stdout).summary, { records: 2, released: 1, refused: 1, kept: 0 });
    t.match(rest.data, [{ id: second, refusals: 1, lastRefusal: { to: 'siem', code: '400' } }]);
    t.equal(rest.data.length, 1, 'the refusal is noted, and is no entry of its own');
    t.match(JSON.parse(audited.stdout).summary, { delivered: 9, quarantined: 1, missing: 0 });
    t.equal(done.code, 0, done.stderr);
    t.same(sent, ['f-7'], 'only what was asked for');
    t.equal(nothing.code, 0);
    t.match(nothing.stderr, 'Nothing of the kind stands in quarantine.');
    t.equal(gone.code, 2);
    t.match(JSON.parse(clean.stdout).summary, { delivered: 10, quarantined: 0, missing: 0 });
  });
});

t.test('with another configuration', async (t) => {
  const scene = await refuseTwo(t);

  await t.test('--to sends it elsewhere, by the format and filter of that destination', async (t) => {
    const lake = await startWebhookReceiver(t);
    const common = { type: 'webhook', url: lake.url, insecureTransport: true, batch: { maxWaitMs: 20 } };
    await reconfigure(scene, (destinations) => [
      ...destinations,
      { ...common, id: 'lake', format: 'raw' },
      { ...common, id: 'severe', filter: { minSeverity: 7 } },
    ]);
    const [id = ''] = await idsWith(scene, ['f-3']);

    const [filtered, wrong] = await Promise.all([
      scene.guardrelay('quarantine', 'retry', id, '--to', 'severe'),
      scene.guardrelay('quarantine', 'retry', '--all', '--to', 'laek'),
    ]);
    const sent = await scene.guardrelay('quarantine', 'retry', id, '--to', 'lake');
    const audited = await scene.guardrelay('audit', '--from', '1h', '--json');

    t.equal(filtered.code, 7);
    t.match(filtered.stdout, /kept.*the filter of severe leaves it out/);
    t.equal(sent.code, 0, sent.stderr);
    t.match(linesOf(lake), [/^\{"detail-type":"GuardDuty Finding"/]);
    t.match(
      JSON.parse(audited.stdout).summary,
      { delivered: 8, quarantined: 2 },
      'siem has it no more than before',
    );
    t.equal(wrong.code, 2);
    t.match(wrong.stderr, 'Name one with --to: siem, lake, severe');
  });

  await t.test('a raised limit or another format is all that a retry needs', async (t) => {
    await reconfigure(scene, (destinations) => destinations.map((each) => ({ ...each, format: 'raw' })));
    scene.siem.answer = ({ text }) => ({ status: text.includes('guardrelay.record') ? 400 : 200 });

    const { code, stderr } = await scene.guardrelay('quarantine', 'retry', '--since', '1h');

    t.equal(code, 0, stderr);
    t.same(findingsAt(scene), ['f-7'], 'the one that stands there still');
  });
});
