import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import t from 'tap';

import { setScene } from '../support/agent-cli.ts';
import { fileOf, findingsAt, idsWith, listed, refuseTwo } from '../support/refused-findings.ts';

t.test('to look at', async (t) => {
  const scene = await refuseTwo(t);

  await t.test('list and show tell what was refused, why, and where it came from', async (t) => {
    const [id = ''] = await idsWith(scene, ['f-3']);

    const [plain, filtered, shown, status] = await Promise.all([
      scene.guardrelay('quarantine', 'list'),
      listed(scene, '--account', '123456789123', '--since', '1h', '--dest', 'siem'),
      scene.guardrelay('quarantine', 'show', id.slice(0, 8)),
      scene.guardrelay('status', '--no-fail', '--json'),
    ]);

    const [head, ...rows] = plain.stdout.split('\n').map((line) => line.split('\t'));
    const row = rows.find(([first]) => first === id);
    t.same(head?.slice(0, 3), ['ID', 'REFUSED (UTC)', 'DESTINATION']);
    t.match(row?.slice(1, 6), [/^[\d-]{10} \d\d:\d\d$/, 'siem', 'acme', '123456789123', 'eu-west-1']);
    t.equal(row?.[6], 'Recon:EC2/Portscan');
    t.match(plain.stderr, /^siem: 2 in quarantine, 0 released; 2.\d kB of 268 MB in .*siem.ndjson$/m);
    t.match(filtered, {
      schema: 'guardrelay.quarantine/v1',
      summary: { records: 2, destinations: { siem: 2 } },
    });
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

  await t.test('an export holds the originals, and writes over nothing', async (t) => {
    const [id = ''] = await idsWith(scene, ['f-3']);

    const [printed, written] = await Promise.all([
      scene.guardrelay('quarantine', 'export', '--dest', 'siem'),
      scene.guardrelay('quarantine', 'export', '--out', 'refused.ndjson'),
    ]);
    const refused = await scene.guardrelay('quarantine', 'export', '--out', 'refused.ndjson');

    const file = await readFile(join(scene.cwd, 'refused.ndjson'), 'utf8');
    t.equal(file, printed.stdout);
    const line = file.split('\n').find((each) => each.includes('f-3'));
    t.match(JSON.parse(line ?? ''), {
      id,
      kind: 'finding',
      raw: /^\{"detail-type":"GuardDuty Finding"/,
    });
    t.match(written.stderr, '2 records written to refused.ndjson.');
    t.equal(refused.code, 2);
    t.match(refused.stderr, /refused.ndjson: EEXIST/);
  });

  await t.test('a command line that means nothing is refused', async (t) => {
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
});

t.test('what stands in a record cannot drive the terminal', async (t) => {
  const scene = await setScene(t);
  const entry = {
    ...{ schema: 'guardrelay.quarantine/v1', at: '2026-07-22T18:47:17.000Z', destination: 'siem' },
    ...{ why: 'no \u001b[2J', key: 'k', kind: 'unparsed', what: '\u202egnp', raw: 'a\u009b2Jb\r\nc' },
  };
  await mkdir(dirname(fileOf(scene)), { recursive: true });
  await writeFile(fileOf(scene), `${JSON.stringify(entry)}\n`);
  const { data } = await listed(scene);
  const [{ id }] = data;

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
