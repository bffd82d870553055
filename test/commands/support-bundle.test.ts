import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { parse } from 'yaml';
import { archive } from '../../agent/commands/support-bundle/tar.ts';
import { parseConfig } from '../../agent/config/parse.ts';
import { shownConfig } from '../../agent/config/shown-config.ts';
import { insert, setScene } from '../support/agent-cli.ts';
import { readTar } from '../support/tar-reader.ts';

const NAMES = [
  'contents.json',
  'versions.json',
  'config.yaml',
  'doctor.json',
  'status.json',
  'checkpoints.json',
  'quarantine.json',
  'host.json',
  'log.ndjson',
];

t.test('everything that an agent has left stands in one file, which its owner alone may read', async (t) => {
  const { aws, cwd, guardrelay } = await setScene(t);
  insert(aws, 'eu-west-1', 3);
  await guardrelay('run', '--once');

  const { code, stdout, stderr } = await guardrelay('support-bundle', '--yes', '--out', 'b.tgz');

  t.equal(code, 0, stderr);
  const files = await bundleIn(join(cwd, 'b.tgz'));
  t.same([...files.keys()], NAMES);
  t.equal((await stat(join(cwd, 'b.tgz'))).mode & 0o777, 0o600);
  for (const name of NAMES) t.match(stdout, `guardrelay-support/${name}\t`, 'the list tells it');
  t.match(stderr, 'without metrics.txt: No agent answers at ');
  t.match(stderr, /Written: b\.tgz, .* mode 600\./);
  const json = (name: string): Record<string, unknown> => JSON.parse(files.get(name) ?? '');
  t.match(json('status.json'), { schema: 'guardrelay.status/v1', summary: { sources: 2 } });
  t.match(json('checkpoints.json'), { summary: { sources: 2 }, data: [{ destination: 'siem' }] });
  t.match(json('versions.json'), { guardrelay: '0.1.0', node: process.version, store: { found: Number } });
  t.match(json('host.json'), { processors: Number, disk: { freeBytes: Number }, limits: Object });
  t.ok(JSON.stringify(json('host.json').environment).includes('AWS_SECRET_ACCESS_KEY'));
  t.match(json('doctor.json'), { summary: { failed: 0 }, data: [{ check: 'AGT-001', result: 'passed' }] });
  t.match(json('contents.json'), { missing: [{ name: 'metrics.txt' }] });
  t.match(files.get('log.ndjson'), '"message":"agent started"');
  t.match(parse(files.get('config.yaml') ?? ''), {
    customers: [{ auth: { externalId: 'env:EXTERNAL_ID' } }],
  });
  const text = [...files.values()].join('\n');
  t.notMatch(text, 'Recon:EC2/Portscan', 'no finding');
});

t.test(
  'nothing is written before somebody agrees, over a file, or without a store that is not there',
  async (t) => {
    const { cwd, guardrelay } = await setScene(t);
    await writeFile(join(cwd, 'there.tgz'), 'mine');

    const unasked = await guardrelay('support-bundle', '--out', 'new.tgz');
    const taken = await guardrelay('support-bundle', '--yes', '--out', 'there.tgz');
    const fresh = await guardrelay('support-bundle', '--yes', '--out', 'fresh.tgz', '--json');

    t.match(unasked, { code: 2, stdout: 'contents.json', stderr: 'add --yes' });
    await t.rejects(stat(join(cwd, 'new.tgz')));
    t.match(taken, { code: 2, stderr: 'CLI-001' });
    t.equal(await readFile(join(cwd, 'there.tgz'), 'utf8'), 'mine');
    t.equal(fresh.code, 0, fresh.stderr);
    const missing = ['status.json', 'checkpoints.json', 'metrics.txt', 'log.ndjson'];
    t.same(
      JSON.parse(fresh.stdout).summary.missing.map(({ name }: { name: string }) => name),
      missing,
    );
  },
);

t.test('of URLs and headers only what is no secret is shown', async (t) => {
  const url = 'https://hooks.example.com/services/AAAABBBBCCCCDDDD/in?key=abc';
  const parsed = parseConfig(
    JSON.stringify({
      version: 1,
      customers: [
        {
          ...{ id: 'acme', auth: { type: 'default' }, accounts: { collect: ['111111111111'] } },
          destinations: ['hook'],
        },
      ],
      destinations: [
        { id: 'hook', type: 'webhook', url, headers: { 'x-tenant': 'plain', 'x-token': 'env:TOKEN' } },
      ],
    }),
    {},
  );
  if (parsed.kind === 'mistaken') throw new Error(JSON.stringify(parsed.mistakes));

  t.match(shownConfig(parsed.config), {
    destinations: [
      {
        url: 'https://hooks.example.com/services/***/in?***',
        headers: { 'x-tenant': '***', 'x-token': 'env:TOKEN' },
      },
    ],
  });
});

t.test('an archive is what POSIX says, and the same for the same files', (t) => {
  const files = [
    { name: 'a/empty', content: Buffer.alloc(0) },
    { name: 'a/block', content: Buffer.alloc(512, 'x') },
    { name: 'a/more', content: Buffer.from('ä'.repeat(300)) },
  ];
  const time = Date.UTC(2026, 0, 31);

  const bytes = archive(files, time);

  t.same(
    readTar(gunzipSync(bytes)),
    files.map((file) => ({ ...file, mode: 0o600, time })),
  );
  t.equal(gunzipSync(bytes).length % 512, 0);
  t.ok(archive(files, time).equals(bytes));
  t.throws(() => archive([{ name: 'x'.repeat(101), content: Buffer.alloc(0) }], time), /does not fit/);
  t.end();
});

/** Its files by name, below their folder. */
async function bundleIn(path: string): Promise<ReadonlyMap<string, string>> {
  const files = readTar(gunzipSync(await readFile(path)));
  return new Map(
    files.map(({ name, content }) => [name.replace('guardrelay-support/', ''), content.toString()]),
  );
}
