import { readFileSync } from 'node:fs';
import t from 'tap';

import { explained, failureText } from '../../agent/commands/failure.ts';
import { selectCustomers } from '../../agent/commands/select-customers.ts';
import { usageError } from '../../agent/commands/usage-error.ts';
import { parseConfig } from '../../agent/config/parse.ts';
import { ERROR_CODES, EXIT, GuardrelayError } from '../../agent/model/error.ts';
import { runCli } from '../support/cli.ts';

const EXAMPLE = readFileSync(new URL('../../config/guardrelay.example.yaml', import.meta.url), 'utf8');
const PACKAGE = new URL('../../package.json', import.meta.url);
const HEAVY = /node_modules\/(@aws-sdk|@smithy|zod|winston|undici|yaml|fastify|prom-client)\//;

/** Tells on stderr, one URL per line, every module that is loaded. */
const TELL_MODULES = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  import { writeSync } from 'node:fs';
  registerHooks({ load(url, context, next) { writeSync(2, url + '\\n'); return next(url, context); } });
`)}`;

t.test('--help lists the commands and loads neither the AWS SDK nor zod', async (t) => {
  const { code, stdout, stderr } = await runCli(['--help'], { nodeOptions: ['--import', TELL_MODULES] });

  const modules = stderr.trimEnd().split('\n');
  t.equal(code, EXIT.done);
  for (const command of ['run', 'status', 'search', 'demo', 'validate', 'deploy', 'destroy', 'schema']) {
    t.match(stdout, new RegExp(`guardrelay ${command}\\b`));
  }
  t.ok(
    modules.some((url) => url.endsWith('agent/main.ts')),
    'modules are told',
  );
  t.same(
    modules.filter((url) => HEAVY.test(url)),
    [],
  );
});

t.test('--version is the one of package.json', async (t) => {
  const { code, stdout } = await runCli(['--version']);

  t.equal(code, EXIT.done);
  t.equal(stdout.trim(), JSON.parse(readFileSync(PACKAGE, 'utf8')).version);
});

t.test('a wrong command line is one block with the next step and exit code 2', async (t) => {
  const rows: readonly [args: readonly string[], message: string, fix: string][] = [
    [[], 'Name a command.', 'guardrelay --help'],
    [['vlidate'], 'Did you mean validate?', 'guardrelay --help'],
    [['nonsense'], 'Unknown argument nonsense.', 'guardrelay --help'],
    [['validate', '--strct'], 'Unknown argument strct; did you mean --strict?', 'guardrelay validate --help'],
    [['validate', 'extra'], 'Unknown argument extra.', 'guardrelay validate --help'],
    [['validate', '-c'], 'Not enough arguments following: c', 'guardrelay validate --help'],
    [['validate', '-o', 'jsn'], 'Invalid values:', 'guardrelay validate --help'],
  ];

  const runs = await Promise.all(rows.map(([args]) => runCli(args)));

  for (const [at, { code, stdout, stderr }] of runs.entries()) {
    const [args = [], message = '', fix = ''] = rows[at] ?? [];
    t.equal(code, EXIT.usage, args.join(' '));
    t.equal(stdout, '');
    t.match(stderr, `✖ CLI-001  ${message}`);
    t.match(stderr, `\n  fix   See: ${fix}\n  docs  docs/errors/CLI-001.md\n`);
    t.notMatch(stderr, 'at ');
  }
});

t.test('with --json a failure is one JSON object on stderr', async (t) => {
  const runs = await Promise.all([
    runCli(['nonsense', '--json']),
    runCli(['nonsense', '-o', 'json']),
    runCli(['nonsense'], { env: { GUARDRELAY_OUTPUT: 'ndjson' } }),
  ]);

  for (const { code, stdout, stderr } of runs) {
    t.equal(code, EXIT.usage);
    t.equal(stdout, '');
    t.same(JSON.parse(stderr), {
      error: { code: 'CLI-001', message: 'Unknown argument nonsense.', fix: 'See: guardrelay --help' },
    });
  }
});

t.test('each shell gets its completion script, and values that the configuration knows', async (t) => {
  const cwd = t.testdir({ 'guardrelay.yaml': EXAMPLE });
  const ask = (...words: string[]) => runCli(['--get-yargs-completions', 'guardrelay', ...words], { cwd });

  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, stdout } = await runCli(['completion', shell]);
    t.equal(code, EXIT.done, shell);
    t.match(stdout, `SHELL=${shell} guardrelay --get-yargs-completions`);
  }
  const customers = await ask('status', '--customer', 'acme,');
  const broken = await ask('status', '--config', 'none.yaml', '--customer', '');

  t.equal(customers.stdout, 'acme,globex\n');
  t.match(broken, { code: EXIT.done, stdout: '', stderr: '' });
});

t.test('an older Node is refused in one sentence', async (t) => {
  const older = "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'24.11.9'})";

  const { code, stderr } = await runCli(['--version'], { nodeOptions: ['--import', older] });

  t.equal(code, EXIT.failure);
  t.match(stderr, /^guardrelay needs Node\.js 24\.12 or newer; this is v\S+\n$/);
});

t.test('a fault of our own is INT-001, with the stack only when asked', (t) => {
  const fault = explained(new TypeError('x is not a function', { cause: new Error('the first\nfault') }));

  const short = failureText(fault, { json: false, verbose: false });
  const long = failureText(fault, { json: false, verbose: true });

  t.match(fault, { code: 'INT-001', exitCode: EXIT.failure });
  t.equal(
    short,
    '✖ INT-001  guardrelay met a fault of its own: TypeError: x is not a function\n' +
      '  fix   Repeat the command with -v and report what it prints.\n' +
      '  docs  docs/errors/INT-001.md\n',
  );
  t.match(long, /caused by TypeError: x is not a function\n {4}at /);
  t.match(long, /caused by Error: the first\nfault\n {4}at /);
  t.match(explained('text'), { code: 'INT-001', message: 'guardrelay met a fault of its own: text' });
  t.end();
});

t.test('an error that was expected is told as it is, harmless for a terminal', (t) => {
  const error = new GuardrelayError('AWS-002', 'Reading failed: \u001b[2J\nsecond line', {
    exitCode: EXIT.partly,
    fix: 'Wait.',
  });

  t.equal(explained(error), error);
  t.equal(
    failureText(error, { json: false, verbose: false }),
    '✖ AWS-002  Reading failed: \\x1b[2J\nsecond line\n  fix   Wait.\n  docs  docs/errors/AWS-002.md\n',
  );
  t.equal(
    failureText(error, { json: true, verbose: true }),
    `${JSON.stringify({ error: { code: 'AWS-002', message: error.message, fix: 'Wait.' } })}\n`,
  );
  t.end();
});

t.test('the nearest option of the help text is suggested', (t) => {
  const help = 'guardrelay search <pattern>\n\nOptions:\n  --min-severity  Only these\n  -c, --config  File';

  t.equal(
    usageError('Unknown arguments: min-severty, minSeverty', help).message.split('.')[0],
    'Unknown argument min-severty; did you mean --min-severity? Unknown argument minSeverty; did you mean --min-severity?',
  );
  t.equal(usageError('Unknown argument: zzz', help).fix, 'See: guardrelay search --help');
  t.equal(usageError('Something else', help).message, 'Something else');
  t.end();
});

t.test('--customer keeps the customers that it names and refuses others', (t) => {
  const text = `
version: 1
customers:
  - { id: acme, auth: { type: default }, accounts: { collect: ["111111111111"] }, destinations: [siem] }
  - { id: globex, auth: { type: default }, accounts: { collect: ["222222222222"] }, destinations: [siem] }
destinations: [{ id: siem, type: webhook, url: "https://siem.example.com/in" }]`;
  const parsed = parseConfig(text, {});
  if (parsed.kind !== 'valid') throw new Error('the test is wrong');
  const { config } = parsed;

  t.equal(selectCustomers(config, undefined), config);
  t.same(
    selectCustomers(config, ['globex']).customers.map(({ id }) => id),
    ['globex'],
  );
  t.throws(() => selectCustomers(config, ['']), { message: 'The configuration has no customer "".' });
  t.throws(() => selectCustomers(config, ['acme', 'globx']), {
    code: 'CLI-001',
    exitCode: EXIT.usage,
    message: 'The configuration has no customer "globx"; did you mean globex?',
    fix: 'Name one or more of: acme, globex',
  });
  t.end();
});

t.test('exit codes are the ones that scripts rely on', (t) => {
  t.same(EXIT, {
    done: 0,
    failure: 1,
    usage: 2,
    attention: 3,
    unhealthy: 4,
    refused: 5,
    timeout: 6,
    partly: 7,
    interrupted: 130,
  });
  t.ok(Object.keys(ERROR_CODES).every((code) => /^[A-Z]{2,4}-\d{3}$/.test(code)));
  t.end();
});
