import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';

import t from 'tap';

import { askFive } from '../../agent/commands/init-questions.ts';
import { openInterview } from '../../agent/commands/interview.ts';
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
