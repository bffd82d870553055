import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';

import t from 'tap';
import { openInterview } from '../../agent/commands/init/interview.ts';
import { askFive } from '../../agent/commands/init/questions.ts';
import { loadConfig } from '../../agent/config/load.ts';
import { runCli } from '../support/cli.ts';

const FLAGS = [
  '--customer',
  'acme',
  '--account',
  '1111-1111-1111',
  '--dest',
  'https://splunk.example.com:8088',
];

t.test(
  'with all flags it asks nothing, and writes a valid configuration and a secret of its own',
  async (t) => {
    const cwd = t.testdir({});

    const made = await runCli(['init', ...FLAGS, '--output', 'table'], { cwd });
    const checked = await runCli(['validate', '--json'], { cwd, env: { SPLUNK_HEC_TOKEN: 'x' } });

    t.equal(made.code, 0, made.stderr);
    t.match(made.stdout, /Splunk HEC[\s\S]*export SPLUNK_HEC_TOKEN[\s\S]*guardrelay deploy --customer acme/);
    t.match(JSON.parse(checked.stdout), { summary: { valid: true, warnings: 0 } });
    t.match(await readFile(join(cwd, 'secrets/acme-external-id'), 'utf8'), /^[0-9a-f]{32}\n$/);
    t.equal((await stat(join(cwd, 'secrets/acme-external-id'))).mode & 0o777, 0o600);
  },
);

t.test('without a terminal it names the option that is missing', async (t) => {
  const cwd = t.testdir({});

  const ran = await runCli(['init', '--customer', 'acme'], { cwd });

  t.equal(ran.code, 2);
  t.match(ran.stderr, /--account ID/);
});

const WRONG = [
  [['--customer', 'Acme Inc'], /small letters/],
  [['--account', '12345678901'], /012345678901\?/],
  [['--regions', 'us-east-9'], /us-east-9, where there is no GuardDuty/],
  [['--dest', 'splunk'], /is no URL/],
] as const;

for (const [flags, why] of WRONG) {
  t.test(`${flags.join(' ')} is refused before anything is written`, async (t) => {
    const cwd = t.testdir({});
    const [option] = flags;
    const at = FLAGS.indexOf(option);
    const others = at === -1 ? FLAGS : FLAGS.toSpliced(at, 2);

    const ran = await runCli(['init', ...others, ...flags], { cwd });

    t.equal(ran.code, 2);
    t.match(ran.stderr, why);
    await t.rejects(stat(join(cwd, 'secrets')));
  });
}

t.test(
  'a file that exists gains a customer only with consent, and the same account is no second customer',
  async (t) => {
    const cwd = t.testdir({});
    const file = join(cwd, 'guardrelay.yaml');
    await runCli(['init', ...FLAGS], { cwd });
    const before = await readFile(file, 'utf8');
    const globex = ['--customer', 'globex', '--account', '222222222222'];

    const unasked = await runCli(['init', ...globex], { cwd });
    const twice = await runCli(['init', '--customer', 'globex', '--account', '111111111111', '--yes'], {
      cwd,
    });
    const unchanged = await readFile(file, 'utf8');
    const added = await runCli(['init', ...globex, '--yes', '--json'], { cwd });

    t.equal(unasked.code, 2);
    t.match(unasked.stderr, /Add --yes/);
    t.equal(twice.code, 2);
    t.match(twice.stderr, /CFG-002/);
    t.equal(unchanged, before);
    t.match(JSON.parse(added.stdout), {
      summary: { isNew: false, customer: 'globex', destination: 'splunk-hec', externalIdIsNew: true },
    });
    t.ok((await readFile(file, 'utf8')).includes(before.slice(0, before.indexOf('\ndestinations'))));
  },
);

t.test('a configuration with mistakes is told and left alone', async (t) => {
  const cwd = t.testdir({ 'guardrelay.yaml': 'version: 2\n' });

  const ran = await runCli(['init', ...FLAGS, '--yes'], { cwd });

  t.equal(ran.code, 2);
  t.match(ran.stderr, /CFG-001/);
  t.equal(await readFile(join(cwd, 'guardrelay.yaml'), 'utf8'), 'version: 2\n');
});

t.test('an ExternalId that is there is kept, because the role may demand it already', async (t) => {
  const cwd = t.testdir({ secrets: {} });
  await writeFile(join(cwd, 'secrets/acme-external-id'), 'known\n', { mode: 0o600 });

  const ran = await runCli(['init', ...FLAGS, '--output', 'table'], { cwd });

  t.match(ran.stdout, /kept secrets\/acme-external-id/);
  t.equal(await readFile(join(cwd, 'secrets/acme-external-id'), 'utf8'), 'known\n');
});

const WITH_FOLDER = [
  'version: 1',
  'customersDir: ./customers # one each',
  'destinations:',
  '  - { id: siem, type: webhook, url: "https://siem.example.com/in" }',
  '',
].join('\n');

t.test('where customers have files of their own each gains one, and the configuration stays', async (t) => {
  const cwd = t.testdir({ 'guardrelay.yaml': WITH_FOLDER });

  const first = await runCli(['init', ...FLAGS.slice(0, 4), '--yes', '-o', 'table'], { cwd });
  const second = await runCli(
    ['init', '--customer', 'globex', '--account', '222222222222', '--yes', '--json'],
    { cwd },
  );
  const { customers } = await loadConfig(join(cwd, 'guardrelay.yaml'), {});

  t.equal(first.code, 0, first.stderr);
  t.match(
    first.stdout,
    [
      '✔ wrote customers/acme.yaml: customer acme, destination siem',
      '✔ wrote secrets/acme-external-id (mode 600): the ExternalId of the reader role',
      '  An agent that is running takes this within ten seconds.',
      'Next:',
    ].join('\n'),
  );
  t.equal(
    await readFile(join(cwd, 'customers/acme.yaml'), 'utf8'),
    [
      '# Check it with: guardrelay validate. Secrets never stand here: they are references, env:NAME or file:/path.',
      'id: acme',
      'auth:',
      '  type: assumeRole',
      '  roleArn: arn:aws:iam::{account}:role/GuardRelayReader',
      `  externalId: file:${join(cwd, 'secrets/acme-external-id')}`,
      'topology: standalone',
      'accounts:',
      '  collect: ["111111111111"]',
      'regions: enabled',
      'destinations: [siem]',
      '',
    ].join('\n'),
  );
  t.match(JSON.parse(second.stdout), {
    summary: { customerFile: 'customers/globex.yaml', isNew: false, destinationIsNew: false },
  });
  t.same(
    customers.map(({ id }) => id),
    ['acme', 'globex'],
  );
  t.equal(await readFile(join(cwd, 'guardrelay.yaml'), 'utf8'), WITH_FOLDER);
  t.same((await readdir(join(cwd, 'customers'))).toSorted(), ['acme.yaml', 'globex.yaml'], 'and no drafts');
});

t.test('a new destination goes into the configuration, whose comments and mode stay', async (t) => {
  const cwd = t.testdir({ 'guardrelay.yaml': WITH_FOLDER });
  const file = join(cwd, 'guardrelay.yaml');
  await chmod(file, 0o640);

  const made = await runCli(['init', ...FLAGS, '--yes', '-o', 'table'], { cwd });
  const { destinations } = await loadConfig(file, {});

  t.match(made.stdout, 'customer acme, destination splunk-hec (Splunk HEC)\n');
  t.match(made.stdout, '✔ added to guardrelay.yaml: destination splunk-hec\n');
  t.match(made.stdout, 'within ten seconds.\n  It sees SPLUNK_HEC_TOKEN only once it is started again.\n');
  t.match(destinations, [{ id: 'siem' }, { id: 'splunk-hec' }]);
  t.match(await readFile(file, 'utf8'), /^version: 1\ncustomersDir: \.\/customers # one each\n/);
  t.equal((await stat(file)).mode & 0o777, 0o640);
});

const GLOBEX =
  'id: globex\nauth: { type: default }\naccounts: { collect: ["222222222222"] }\ndestinations: [siem]\n';
const CLASHES = [
  ['an id that somebody has', 'globex', '333333333333', /globex.*stands above already/],
  [
    'an account that somebody has',
    'acme',
    '222222222222',
    /customers\/acme\.yaml:9:13 accounts\.collect.*globex/,
  ],
  ['a file that is there', 'other', '333333333333', /customers\/other\.yaml failed: it is there already/],
] as const;

for (const [what, id, account, why] of CLASHES) {
  t.test(`${what} is refused before anything is written beside other files`, async (t) => {
    const customers = { 'other.yaml': GLOBEX };
    const cwd = t.testdir({ 'guardrelay.yaml': WITH_FOLDER, customers });
    const wanted = ['--customer', id, '--account', account, '--dest', 'syslog://siem.example.com'];

    const ran = await runCli(['init', ...wanted, '--yes'], { cwd });

    t.equal(ran.code, 2);
    t.match(ran.stderr, why);
    t.match(ran.stderr, 'Nothing was written.');
    t.same((await readdir(cwd)).toSorted(), ['customers', 'guardrelay.yaml']);
    t.same(await readdir(join(cwd, 'customers')), ['other.yaml']);
    t.equal(await readFile(join(cwd, 'customers/other.yaml'), 'utf8'), GLOBEX);
    t.equal(await readFile(join(cwd, 'guardrelay.yaml'), 'utf8'), WITH_FOLDER);
  });
}

t.test('a broken file of another customer is told with its place before anything is asked', async (t) => {
  const broken = GLOBEX.replace('destinations', 'destination');
  const cwd = t.testdir({ 'guardrelay.yaml': WITH_FOLDER, customers: { 'globex.yaml': broken } });

  const ran = await runCli(['init', ...FLAGS, '--yes'], { cwd });

  t.equal(ran.code, 2);
  t.match(ran.stderr, 'customers/globex.yaml:4:1 destination is not an option here');
  t.same(await readdir(join(cwd, 'customers')), ['globex.yaml']);
});

function terminal() {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = new PassThrough();
  const stopped = new Error('stopped');
  return { input, output, stopped, interview: openInterview({ silent: false, input, output, stopped }) };
}

t.test(
  'at a terminal it asks five questions, asks again what was wrong, and takes lines pasted ahead',
  async (t) => {
    const { input, output, interview } = terminal();
    input.write('Acme\nacme\n1111-1111-1111\nyes\n\n\n');

    const answers = await askFive(interview, {}, ['archive']);
    interview.close();
    output.end();

    t.same(answers, {
      id: 'acme',
      account: '111111111111',
      organization: true,
      regions: 'enabled',
      destination: 'archive',
    });
    const seen = await text(output);
    t.match(seen, /✖ must be 1 to 63/);
    t.match(seen, /→ 111111111111/);
  },
);

t.test('whoever ends the questions has written nothing', async (t) => {
  const { input, interview, stopped } = terminal();
  input.end('acme\n');

  await t.rejects(askFive(interview, {}, []), stopped);
});
