import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';

import { until } from '../peers/support/until.ts';
import { insert, linesOf, type Scene, setScene } from '../support/agent-cli.ts';
import { startCli } from '../support/cli.ts';
import { startWebhookReceiver, type WebhookRequest } from '../support/webhook-receiver.ts';

const BAD = /"f-[37]"/;

/** As a receiver whose mapping does not fit some findings. */
function refusing(bad: RegExp) {
  return ({ text }: WebhookRequest) =>
    bad.test(text) ? { status: 400, body: 'mapper_parsing_exception' } : { status: 200 };
}

/** An agent has run, and two of ten findings stand in quarantine. */
async function refuseTwo(t: Test, overrides: object = {}): Promise<Scene> {
  const scene = await setScene(t, overrides);
  scene.siem.answer = refusing(BAD);
  insert(scene.aws, 'eu-west-1', 10);
  insert(scene.aws, 'us-east-1', 0);
  const ran = await scene.guardrelay('run', '--once');
  if (ran.code !== 0) throw new Error(ran.stderr);
  scene.siem.requests.length = 0;
  return scene;
}

async function listed({ guardrelay }: Pick<Scene, 'guardrelay'>, ...args: readonly string[]) {
  const { code, stdout, stderr } = await guardrelay('quarantine', 'list', '--json', ...args);
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

async function idsOf(scene: Scene): Promise<readonly string[]> {
  const { data } = await listed(scene);
  return data.map(({ id }: { id: string }) => id);
}

function fileOf({ cwd }: Scene): string {
  return join(cwd, 'state', 'quarantine', 'siem.ndjson');
}

/** Of the record that holds this finding. */
async function idOf({ guardrelay }: Scene, finding: string): Promise<string> {
  const { stdout } = await guardrelay('quarantine', 'export');
  const lines = stdout.split('\n').filter((line) => line.includes(finding));
  return JSON.parse(lines[0] ?? '').id;
}

function findingsAt({ siem }: Pick<Scene, 'siem'>): readonly string[] {
  return linesOf(siem).map((line) => /"id":"(f-\d+)"/.exec(line)?.[1] ?? line);
}

t.test('list and show tell what was refused, why, and where it came from', async (t) => {
  const scene = await refuseTwo(t);
  const [id = ''] = await idsOf(scene);

  const plain = await scene.guardrelay('quarantine', 'list');
  const filtered = await listed(scene, '--account', '123456789123', '--since', '1h', '--dest', 'siem');
  const none = await listed(scene, '--account', '000000000000');
  const shown = await scene.guardrelay('quarantine', 'show', id.slice(0, 8));
  const status = await scene.guardrelay('status', '--no-fail', '--json');

  const [head, first, second] = plain.stdout.split('\n').map((line) => line.split('\t'));
  t.same(head?.slice(0, 3), ['ID', 'REFUSED (UTC)', 'DESTINATION']);
  t.match(first, [id, /^\d{4}-\d\d-\d\d \d\d:\d\d$/, 'siem', 'acme', '123456789123', 'eu-west-1']);
  t.equal(second?.[6], 'Recon:EC2/Portscan');
  t.match(plain.stderr, /^siem: 2 in quarantine, 0 released; 2.\d kB of 268 MB in .*siem.ndjson$/m);
  t.match(filtered, {
    schema: 'guardrelay.quarantine/v1',
    summary: { records: 2, destinations: { siem: 2 } },
  });
  t.equal(none.data.length, 0);
  for (const fact of [
    /^refused +\S+Z by siem$/m,
    /^why +.*answered 400: mapper_parsing_exception$/m,
    /^kind +finding, Recon:EC2\/Portscan$/m,
    /^customer +acme \(Acme, Inc\.\)$/m,
    /^account +123456789123, collected in 111111111111$/m,
    /^log group +\/aws\/events\/guardrelay$/m,
    /^ {4}"id": "f-[37]",$/m,
  ]) {
    t.match(shown.stdout, fact);
  }
  t.match(JSON.parse(status.stdout).summary.destinations, [{ id: 'siem', quarantined: 2 }]);
});

t.test('what stands in a record cannot drive the terminal', async (t) => {
  const scene = await setScene(t);
  const entry = {
    ...{ schema: 'guardrelay.quarantine/v1', at: '2026-07-22T18:47:17.000Z', destination: 'siem' },
    ...{ why: 'no \u001b[2J', key: 'k', kind: 'unparsed', what: '\u202egnp', raw: 'a\u009b2Jb\r\nc' },
  };
  await mkdir(join(scene.cwd, 'state', 'quarantine'), { recursive: true });
  await writeFile(fileOf(scene), `${JSON.stringify(entry)}\n`);
  const [id = ''] = await idsOf(scene);

  const outputs = await Promise.all([
    scene.guardrelay('quarantine', 'list'),
    scene.guardrelay('quarantine', 'show', id),
    scene.guardrelay('quarantine', 'show', id, '--json'),
    scene.guardrelay('quarantine', 'export'),
  ]);

  for (const { stdout, stderr } of outputs) t.notMatch(stdout + stderr, /[^\P{Cc}\n\t]|\p{Cf}/u);
  t.match(outputs[1]?.stdout, 'a\\x9b2Jb\\x0d\nc');
  t.match(JSON.parse(outputs[3]?.stdout ?? ''), entry, 'the export is the original all the same');
});

t.test(
  'what the repaired destination takes is released, counted as delivered, and not sent again',
  async (t) => {
    const scene = await refuseTwo(t);
    const { siem, guardrelay } = scene;
    const [first, second] = [await idOf(scene, 'f-3'), await idOf(scene, 'f-7')];

    siem.answer = refusing(/"f-7"/);
    const partly = await guardrelay('quarantine', 'retry', '--all', '--json');
    const rest = await listed(scene);
    const audited = await guardrelay('audit', '--from', '1h', '--json');
    siem.requests.length = 0;
    siem.answer = () => ({ status: 200 });
    const done = await guardrelay('quarantine', 'retry', second.slice(0, 6));
    const sent = findingsAt(scene);
    const nothing = await guardrelay('quarantine', 'retry', '--dest', 'siem');
    const gone = await guardrelay('quarantine', 'show', first);
    const clean = await guardrelay('audit', '--from', '1h', '--json');

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
  },
);

/** The configuration is another one from now on. */
async function reconfigure({ cwd }: Scene, change: (destinations: object[]) => object[]): Promise<void> {
  const path = join(cwd, 'guardrelay.yaml');
  const config = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify({ ...config, destinations: change(config.destinations) }));
}

t.test('--to sends it elsewhere, by the format and filter of that destination', async (t) => {
  const lake = await startWebhookReceiver(t);
  const scene = await refuseTwo(t);
  const common = { type: 'webhook', url: lake.url, insecureTransport: true, batch: { maxWaitMs: 20 } };
  await reconfigure(scene, (destinations) => [
    ...destinations,
    { ...common, id: 'lake', format: 'raw' },
    { ...common, id: 'severe', filter: { minSeverity: 7 } },
  ]);
  const [id = ''] = await idsOf(scene);

  const filtered = await scene.guardrelay('quarantine', 'retry', id, '--to', 'severe');
  const sent = await scene.guardrelay('quarantine', 'retry', id, '--to', 'lake');
  const audited = await scene.guardrelay('audit', '--from', '1h', '--json');
  const wrong = await scene.guardrelay('quarantine', 'retry', '--all', '--to', 'laek');

  t.equal(filtered.code, 7);
  t.match(filtered.stdout, /kept.*the filter of severe leaves it out/);
  t.equal(sent.code, 0, sent.stderr);
  t.match(linesOf(lake), [/^\{"detail-type":"GuardDuty Finding"/]);
  t.equal((await idsOf(scene)).length, 1);
  t.match(
    JSON.parse(audited.stdout).summary,
    { delivered: 8, quarantined: 2 },
    'siem has it no more than before',
  );
  t.equal(wrong.code, 2);
  t.match(wrong.stderr, 'Name one with --to: siem, lake, severe');
});

t.test('a raised limit or another format is all that a retry needs', async (t) => {
  const scene = await refuseTwo(t);
  await reconfigure(scene, (destinations) => destinations.map((each) => ({ ...each, format: 'raw' })));
  scene.siem.answer = ({ text }) => ({ status: text.includes('guardrelay.record') ? 400 : 200 });

  const { code, stderr } = await scene.guardrelay('quarantine', 'retry', '--since', '1h');

  t.equal(code, 0, stderr);
  t.same(findingsAt(scene).toSorted(), ['f-3', 'f-7']);
});

t.test('a destination that is blocked keeps the records, and says why', async (t) => {
  const scene = await refuseTwo(t);
  scene.siem.answer = () => ({ status: 401 });
  const blocked = await scene.guardrelay('quarantine', 'retry', '--all');
  scene.siem.answer = () => ({ status: 503 });
  const late = await scene.guardrelay('quarantine', 'retry', '--all', '--timeout', '1');

  t.equal(blocked.code, 4, blocked.stderr);
  t.match(blocked.stdout, /kept.*DST-004/);
  t.equal(late.code, 6, late.stderr);
  t.match(late.stdout, /kept.*answered 503/);
  t.equal((await idsOf(scene)).length, 2);
});

t.test('a retry that is killed at any point loses nothing', async (t) => {
  const scene = await refuseTwo(t);
  const { siem, cwd, env } = scene;
  // The answer reaches nobody: it has been taken, and that was never noted.
  siem.answer = () => ({ write: () => {} });
  const child = await startCli(['quarantine', 'retry', '--all'], { cwd, env });
  t.teardown(() => child.end('SIGKILL'));
  await until('the records are on their way', () => siem.requests.length > 0);
  await child.end('SIGKILL');
  // As if it had been cut off while it wrote.
  await writeFile(fileOf(scene), '{"schema":"guardrelay.quarantine-re', { flag: 'a' });

  siem.requests.length = 0;
  siem.answer = () => ({ status: 200 });
  const again = await scene.guardrelay('quarantine', 'retry', '--all');

  t.equal(again.code, 0, again.stderr);
  t.same(findingsAt(scene).toSorted(), ['f-3', 'f-7']);
  t.match((await listed(scene)).summary, { records: 0, files: [{ released: 2, unreadable: 1 }] });
});

t.test('an export holds the originals, and writes over nothing', async (t) => {
  const scene = await refuseTwo(t);
  const [id = ''] = await idsOf(scene);

  const printed = await scene.guardrelay('quarantine', 'export', '--dest', 'siem');
  const written = await scene.guardrelay('quarantine', 'export', '--out', 'refused.ndjson');
  const refused = await scene.guardrelay('quarantine', 'export', '--out', 'refused.ndjson');

  const file = await readFile(join(scene.cwd, 'refused.ndjson'), 'utf8');
  t.equal(file, printed.stdout);
  t.match(JSON.parse(file.split('\n')[0] ?? ''), {
    id,
    kind: 'finding',
    raw: /^\{"detail-type":"GuardDuty Finding"/,
  });
  t.match(written.stderr, '2 records written to refused.ndjson.');
  t.equal(refused.code, 2);
  t.match(refused.stderr, /refused.ndjson: EEXIST/);
});

t.test('a command line that means nothing is refused', async (t) => {
  const scene = await refuseTwo(t);
  const rows = [
    [['quarantine'], /Say what to do with quarantined records/],
    [['quarantine', 'retry'], /Say which records are to be sent again/],
    [['quarantine', 'retry', '--all', '--timeout', '0'], /--timeout is not above 0/],
    [['quarantine', 'retry', 'f00'], /No record in quarantine has an id that begins with f00/],
    [['quarantine', 'show', ''], /No record/],
    [['quarantine', 'list', '--dest', 'seim'], /did you mean siem/],
    [['quarantine', 'list', '--since', 'soon'], /--since soon is neither a span nor a time/],
  ] as const;

  const all = await Promise.all(rows.map(([args]) => scene.guardrelay(...args)));

  for (const [at, { code, stderr }] of all.entries()) {
    t.equal(code, 2, stderr);
    t.match(stderr, rows[at]?.[1]);
  }
  t.same(findingsAt(scene), []);
});
