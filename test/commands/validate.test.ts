import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';

import { EXIT } from '../../agent/model/error.ts';
import { runCli } from '../support/cli.ts';

const GOOD = `
version: 1
customers:
  - id: acme
    auth: { type: assumeRole, roleArn: "arn:aws:iam::{account}:role/Reader", externalId: env:ACME_EXTERNAL_ID }
    accounts: { collect: ["111111111111", "222222222222"] }
    destinations: [siem]
destinations:
  - { id: siem, type: webhook, url: "https://siem.example.com/in" }
`;
const BAD = GOOD.replace('version: 1', 'version: 2').replace('[siem]', '[sien]');
const SECRET = { ACME_EXTERNAL_ID: 'hunter2-hunter2' };

t.test('a valid file is one sentence, and a missing secret a warning', async (t) => {
  const cwd = t.testdir({ 'guardrelay.yaml': GOOD });

  const [with_, without, strict] = await Promise.all([
    runCli(['validate'], { cwd, env: SECRET }),
    runCli(['validate'], { cwd }),
    runCli(['validate', '--strict', '--quiet'], { cwd }),
  ]);

  t.match(with_, {
    code: EXIT.done,
    stdout: '✔ guardrelay.yaml is valid: 1 customer, 2 accounts, 1 destination\n',
    stderr: '',
  });
  t.match(without, {
    code: EXIT.done,
    stderr:
      '⚠ 5:90 customers[0].auth.externalId cannot be used here. Reading the secret env:ACME_EXTERNAL_ID failed: the variable is not set\n',
  });
  t.match(strict, { code: EXIT.attention, stderr: '' });
});

t.test(
  'rows of a list of accounts that cannot be used are warnings, a list that is not there a mistake',
  async (t) => {
    const named = (file: string): string => GOOD.replace('"222222222222"]', `"222222222222"], file: ${file}`);
    const cwd = t.testdir({
      'guardrelay.yaml': named('acme.csv'),
      'gone.yaml': named('gone.csv'),
      'acme.csv': 'Account ID,Email\n12345678912,a@b.example\n123456789123,c@d.example\n,\n',
    });

    const [rows, strict, gone] = await Promise.all([
      runCli(['validate'], { cwd, env: SECRET }),
      runCli(['validate', '--strict', '--quiet'], { cwd, env: SECRET }),
      runCli(['validate', '-c', 'gone.yaml'], { cwd, env: SECRET }),
    ]);

    t.equal(rows.code, EXIT.done);
    t.equal(
      rows.stderr,
      [
        '⚠ 6:66 customers[0].accounts.file cannot use line 2: 12345678912: account ID has 11 digits; a spreadsheet may have cut leading zeros (did you mean 012345678912?) (CFG-006)',
        '⚠ 6:66 customers[0].accounts.file cannot use line 4: account ID is not 12 digits; e-mail is missing (CFG-006)',
        '',
      ].join('\n'),
    );
    t.equal(strict.code, EXIT.attention);
    t.equal(gone.code, EXIT.usage);
    t.match(gone.stderr, '✖ CFG-006  The configuration gone.yaml has 1 mistake:');
    t.match(
      gone.stderr,
      /6:66 customers\[0\]\.accounts\.file cannot be used\. Reading the list of accounts .*ENOENT/,
    );
  },
);

t.test('what is said of a customer with a file of his own begins with that file', async (t) => {
  const main = GOOD.replace('customers:', 'customersDir: customers\ncustomers:');
  const globex = (list: string): string =>
    [
      'id: globex',
      'auth: { type: keys, accessKeyId: env:GLOBEX_KEY, secretAccessKey: file:/no/such/file }',
      `accounts: { collect: ["333333333333"], file: ${list} }`,
      'stack: { retentionDays: 1 }',
      'destinations: [siem]',
      '',
    ].join('\n');
  const cwd = t.testdir({
    'guardrelay.yaml': main,
    customers: { 'globex.yaml': globex('globex.csv'), 'globex.csv': '33333333333,a@b.example\n' },
  });
  const env = { ...SECRET, GLOBEX_KEY: 'AKIA' };

  const warned = await runCli(['validate'], { cwd, env });
  const listed = await runCli(['validate', '--json'], { cwd, env });
  await writeFile(join(cwd, 'customers/globex.yaml'), globex('gone.csv'));
  const gone = await runCli(['validate'], { cwd, env });

  t.same(
    warned.stderr.match(/^⚠ \S+ \S+/gm),
    [
      '⚠ customers/globex.yaml:4:25 stack.retentionDays',
      '⚠ customers/globex.yaml:3:46 accounts.file',
      '⚠ customers/globex.yaml:2:67 auth.secretAccessKey',
    ],
    warned.stderr,
  );
  t.match(JSON.parse(listed.stdout).data[0], {
    ...{ level: 'warning', code: 'CFG-008', file: 'customers/globex.yaml', line: 4, column: 25 },
    path: 'stack.retentionDays',
  });
  t.equal(gone.code, EXIT.usage);
  t.match(
    gone.stderr,
    /\n {2}customers\/globex\.yaml:3:46 accounts\.file cannot be used\. Reading .*customers\/gone\.csv/,
  );
});

t.test('mistakes are one block on stderr with exit code 2', async (t) => {
  const file = join(t.testdir({ 'bad.yaml': BAD }), 'bad.yaml');

  const { code, stdout, stderr } = await runCli(['validate', '-c', file]);

  t.equal(code, EXIT.usage);
  t.equal(stdout, '');
  t.equal(
    stderr,
    [
      `✖ CFG-001  The configuration ${file} has 2 mistakes:`,
      '  2:10 version must be 1',
      '  7:20 customers[0].destinations[0] names a destination that is not defined: sien; did you mean siem? (CFG-003)',
      `  fix   Correct the file, then run: guardrelay validate -c ${file}`,
      '  docs  docs/errors/CFG-001.md',
      '',
    ].join('\n'),
  );
});

t.test('--json tells mistakes and warnings as data', async (t) => {
  const folder = t.testdir({ 'good.yaml': GOOD, 'bad.yaml': BAD });

  const [bad, good] = await Promise.all([
    runCli(['validate', '--json', '-c', join(folder, 'bad.yaml')]),
    runCli(['validate', '--json', '--show-resolved'], {
      env: { GUARDRELAY_CONFIG: join(folder, 'good.yaml') },
    }),
  ]);

  t.match(bad, { code: EXIT.usage, stderr: '' });
  t.match(JSON.parse(bad.stdout), {
    schema: 'guardrelay.validate/v1',
    generatedAt: /^\d{4}-.*Z$/,
    summary: { file: join(folder, 'bad.yaml'), valid: false, mistakes: 2, warnings: 0 },
    data: [
      { level: 'mistake', code: 'CFG-001', line: 2, column: 10, path: 'version', text: 'must be 1' },
      { level: 'mistake', code: 'CFG-003', line: 7, column: 20, path: 'customers[0].destinations[0]' },
    ],
  });
  t.match(good, { code: EXIT.done, stderr: '' });
  t.match(JSON.parse(good.stdout), {
    summary: { valid: true, mistakes: 0, warnings: 1 },
    data: [{ level: 'warning', line: 5, path: 'customers[0].auth.externalId' }],
    resolved: { customers: [{ poll: { baseSeconds: 60 } }] },
  });
});

t.test(
  '--show-resolved prints what customers inherit, and of secrets only whether they are there',
  async (t) => {
    const cwd = t.testdir({ 'guardrelay.yaml': GOOD });

    const { code, stdout } = await runCli(['validate', '--show-resolved'], {
      cwd,
      env: { ...SECRET, GUARDRELAY_DATA_DIR: '/data' },
    });

    t.equal(code, EXIT.done);
    t.match(parse(stdout), {
      agent: { dataDir: '/data', logLevel: 'info' },
      customers: [
        {
          auth: { externalId: 'env:ACME_EXTERNAL_ID (set)' },
          stack: { retentionDays: 30 },
          regions: 'enabled',
        },
      ],
    });
    t.notMatch(stdout, SECRET.ACME_EXTERNAL_ID);
  },
);

t.test('without a file the places that were searched are named', async (t) => {
  const { code, stderr } = await runCli(['validate'], { cwd: t.testdir({}) });

  t.equal(code, EXIT.usage);
  t.match(
    stderr,
    '✖ CFG-006  There is no configuration file: looked for guardrelay.yaml and /etc/guardrelay/guardrelay.yaml',
  );
});

t.test('schema prints JSON Schema on stdout', async (t) => {
  const { code, stdout, stderr } = await runCli(['schema']);

  t.match({ code, stderr }, { code: EXIT.done, stderr: '' });
  t.match(JSON.parse(stdout), { properties: { customers: { type: 'array' } } });
});
