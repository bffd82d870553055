import { join } from 'node:path';
import t from 'tap';

import { EXIT } from '../../agent/model/error.ts';
import { FORMAT_NAMES } from '../../agent/model/format.ts';
import { runCli } from '../support/cli.ts';
import { enveloped, HEARTBEAT, workedExample } from '../support/log-events.ts';

const ARN = 'arn:aws:guardduty:us-west-2:123456789012:detector/12abc/finding/0000';
const FINDING = `{"arn":"${ARN}","type":"Recon:EC2/Portscan","severity":1.63E0}`;

function run(args: readonly string[], input = '') {
  return runCli(['format', ...args], { input });
}

t.test('stdout holds the text alone, stderr what became of the record', async (t) => {
  const { text, event } = workedExample();

  const { code, stdout, stderr } = await run(['--as', 'json', '--customer', 'globex'], text);

  t.equal(code, EXIT.done);
  t.match(JSON.parse(stdout), { customer: 'globex', account: '123456789012', event });
  t.equal(stdout.indexOf('\n'), stdout.length - 1, 'one line');
  t.equal(stderr, '1: finding, account 123456789012, region us-west-2; Backdoor:EC2/C&CActivity.B!DNS\n');
});

t.test('a configuration that is named says more of the customer', async (t) => {
  const { text } = workedExample();
  const common = { auth: { type: 'default' }, destinations: ['siem'] };
  const configuration = {
    version: 1,
    customers: [
      { ...common, id: 'acme', accounts: { collect: ['111111111111'] } },
      {
        ...common,
        id: 'globex',
        name: 'Globex Corp.',
        tags: { tier: 'gold' },
        accounts: { collect: ['222222222222'], file: 'globex.csv' },
      },
    ],
    destinations: [{ id: 'siem', type: 'webhook', url: 'https://siem.example.com' }],
  };
  const cwd = t.testdir({
    'guardrelay.json': JSON.stringify(configuration),
    'globex.csv': '123456789012,lab@globex.example,lab',
  });
  const args = ['--as', 'json', '--config', join(cwd, 'guardrelay.json')];

  const named = await run([...args, '--customer', 'globex'], text);
  const first = await run(args, text);
  const unknown = await run([...args, '--customer', 'glob'], text);

  t.equal(named.code, EXIT.done, named.stderr);
  const notes = {
    customer: 'globex',
    accountName: 'lab',
    customerName: 'Globex Corp.',
    customerTags: { tier: 'gold' },
  };
  t.match(JSON.parse(named.stdout), notes);
  t.match(JSON.parse(first.stdout), { customer: 'acme' }, 'the first, unless another is named');
  t.notMatch(first.stdout, 'customerName');
  t.equal(unknown.code, EXIT.usage);
});

t.test('a file may hold an event, printed or not, one per line, or a list of findings', async (t) => {
  const printed = JSON.stringify(enveloped({ accountId: '210987654321' }), null, 2);
  const rows: readonly [what: string, text: string, lines: readonly string[]][] = [
    ['one event', `${FINDING}\n`, [FINDING]],
    ['a printed event', `${printed}\n`, [printed.replaceAll('\n', ' ')]],
    ['a byte order mark', `\ufeff${FINDING}`, [FINDING]],
    ['JSON Lines', `${FINDING}\r\n\r\n{"a":1}\r\n`, [FINDING, '{"a":1}']],
    ['a list', `{"findings": [${FINDING}, ${FINDING}]}`, [FINDING, FINDING]],
  ];

  for (const [what, text, lines] of rows) {
    const { code, stdout } = await run(['-', '--as', 'raw'], text);

    t.equal(code, EXIT.done, what);
    t.equal(stdout, lines.map((line) => `${line}\n`).join(''), what);
  }
});

t.test('what cannot be read comes out as it would be sent, with a note and exit code 3', async (t) => {
  const lines = await run(['--as', 'raw', '--account', '000000000042'], `${FINDING}\n{"a":\u001b\n`);
  const text = await run(['--as', 'raw', '--quiet', '--region', 'cn-north-1'], 'one\ntwo\n');

  t.equal(lines.code, EXIT.attention);
  t.equal(lines.stdout, `${FINDING}\n{"a":\u001b\n`);
  t.match(lines.stderr, '2: unparsed, account 000000000042, region us-east-1; cannot be read as an event');
  t.match(text, { code: EXIT.attention, stdout: 'one\\ntwo\n', stderr: '' });
});

t.test('a heartbeat is not sent, so nothing is printed', async (t) => {
  const { code, stdout, stderr } = await run(
    ['--as', 'raw', '--account', '999999999999', '--region', 'eu-west-1'],
    HEARTBEAT,
  );

  t.match({ code, stdout }, { code: EXIT.done, stdout: '' });
  t.match(stderr, '1: heartbeat, account 999999999999, region eu-west-1; proves that the path works');
});

t.test('a limit shrinks each text as a destination would', async (t) => {
  const event = JSON.stringify(enveloped({ accountId: '123456789012', description: 'd'.repeat(5000) }));

  const { code, stdout, stderr } = await run(['--as', 'raw', '--max-bytes', '2048'], event);

  t.equal(code, EXIT.done);
  t.match(JSON.parse(stdout).guardrelay, { truncated: true, dropped: ['detail.description'] });
  t.match(stderr, 'truncated, without detail.description');
});

t.test('the original text can be left out, as a destination can', async (t) => {
  const text = workedExample().text.trim();

  const ocsf = await run(['--as', 'ocsf', '--no-raw-data'], text);
  const ecs = await run(['--as', 'ecs', '--no-raw-data'], text);
  const whole = await run(['--as', 'ocsf'], text);

  t.match(JSON.parse(whole.stdout), { raw_data: text });
  t.notOk('raw_data' in JSON.parse(ocsf.stdout), 'raw_data');
  t.match(JSON.parse(ocsf.stdout), { raw_data_size: Buffer.byteLength(text) });
  t.notOk('original' in JSON.parse(ecs.stdout).event, 'event.original');
});

t.test('a wrong command line says what would be right', async (t) => {
  const rows: readonly [args: readonly string[], input: string, told: string][] = [
    [['--as', 'xml'], FINDING, `Choices: ${FORMAT_NAMES.map((name) => `"${name}"`).join(', ')}`],
    [[], FINDING, 'Missing required argument: as'],
    [['nowhere.json', '--as', 'raw'], '', 'reading nowhere.json: Error: ENOENT'],
    [['--as', 'raw'], '', 'stdin is empty'],
    [['--as', 'raw', '--max-bytes', '100'], FINDING, 'Give a whole number from 2048.'],
    [['--as', 'raw', '--account', '42'], FINDING, '--account 42 is no account id'],
    [['--as', 'raw', '--region', 'mars'], FINDING, '--region mars is no region'],
  ];

  const runs = await Promise.all(rows.map(([args, input]) => run(args, input)));

  for (const [at, { code, stdout, stderr }] of runs.entries()) {
    t.match({ code, stdout }, { code: EXIT.usage, stdout: '' });
    t.match(stderr, '✖ CLI-001');
    t.match(stderr, rows[at]?.[2] ?? '');
  }
});
