import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';

import { EVERYTHING } from '../../agent/commands/doctor/agenda.ts';
import { CONFIG_CHECKS, examineConfig } from '../../agent/commands/doctor/config.ts';
import { parseConfig } from '../../agent/config/parse.ts';
import type { CheckResult } from '../../agent/deploy/checks/check.ts';
import { configurationOf } from '../support/checked-world.ts';
import { runCli } from '../support/cli.ts';

const PASSED = { kind: 'passed' };

/** What each check says of a customer with these options. */
async function resultsOf(customer: object): Promise<Readonly<Record<string, CheckResult>>> {
  const parsed = parseConfig(configurationOf({ regions: ['us-east-1'], ...customer }), {});
  if (parsed.kind === 'mistaken') throw new Error(JSON.stringify(parsed.mistakes));
  const only = CONFIG_CHECKS.map(({ code }) => code);
  const rows = await examineConfig(parsed.config, { only, agenda: EVERYTHING });
  return Object.fromEntries(rows.map(({ check, result }) => [check, result]));
}

function keysIn(file: string) {
  return {
    auth: { type: 'keys', accessKeyId: 'env:KEY_ID', secretAccessKey: `file:${file}` },
  };
}

t.test('CFG-008 log groups have to outlast a weekend, and the longest sweep', async (t) => {
  const week = { sweeps: [{ windowMinutes: 7 * 1440, everyMinutes: 360 }] };
  const cases = [
    { customer: {}, result: PASSED },
    { customer: { stack: { retentionDays: 3 } }, result: PASSED },
    { customer: { stack: { retentionDays: 7 }, late: week }, result: PASSED },
    { customer: { stack: { mode: 'existing', logGroup: '/x', retentionDays: 1 } }, result: PASSED },
    {
      customer: { stack: { retentionDays: 1 } },
      result: {
        kind: 'warned',
        code: 'CFG-008',
        found: /^stack\.retentionDays of acme loses .* after 1 days/,
        fix: /30/,
      },
    },
    {
      customer: { stack: { retentionDays: 5 }, late: week },
      result: {
        kind: 'warned',
        code: 'CFG-008',
        found: /acme is 5 days, but the longest of late\.sweeps looks 7\.0 days/,
      },
    },
  ];

  for (const { customer, result } of cases) t.match((await resultsOf(customer))['CFG-008'], result);
});

t.test('CFG-009 a secret is for whoever owns its file, and for the group of what root owns', async (t) => {
  const folder = t.testdir({ secret: 'hunter2-hunter2', 'it’s': 'x' });
  const file = join(folder, 'secret');
  const look = async (mode: number) => {
    await chmod(file, mode);
    return (await resultsOf(keysIn(file)))['CFG-009'];
  };
  const open = (mode: string) => ({
    kind: 'warned',
    code: 'CFG-009',
    found: `others on this host may read ${file} (mode ${mode}, auth.secretAccessKey of acme)`,
    fix: `chmod 600 ${file}`,
  });
  const isRoot = process.getuid?.() === 0;

  t.same(await look(0o600), PASSED);
  t.same(await look(0o400), PASSED);
  t.same(await look(0o644), open('0644'));
  t.same(await look(0o602), open('0602'), 'nor may others write it');
  t.same(await look(0o640), isRoot ? PASSED : open('0640'));
  t.same((await resultsOf(keysIn(join(folder, 'gone'))))['CFG-009'], PASSED, 'CFG-005 tells of that');
  t.match(
    (await resultsOf(keysIn(join(folder, 'it’s'))))['CFG-009'],
    { fix: /^chmod 600 '.*it’s'$/ },
    'quoted for the shell',
  );
});

t.test('CFG-009 names the customer, wherever he is configured', async (t) => {
  const folder = t.testdir({ secret: 'hunter2-hunter2' });
  const file = join(folder, 'secret');
  await chmod(file, 0o644);
  const globex = `id: globex
auth: { type: keys, accessKeyId: env:KEY_ID, secretAccessKey: "file:${file}" }
accounts: { collect: ["222222222222"] }
destinations: [siem]
`;
  const text = configurationOf({ regions: ['us-east-1'] });
  const parsed = parseConfig(text, {}, [{ file: 'customers/globex.yaml', text: globex }]);
  if (parsed.kind === 'mistaken') throw new Error(JSON.stringify(parsed.mistakes));

  const rows = await examineConfig(parsed.config, { only: ['CFG-009'], agenda: EVERYTHING });

  t.match(rows, [{ result: { found: /\(mode 0644, auth\.secretAccessKey of globex\)$/ } }]);
});

t.test('validate warns of the same, and names the page', async (t) => {
  const cwd = t.testdir({ secret: 'hunter2-hunter2' });
  const file = join(cwd, 'secret');
  await chmod(file, 0o644);
  const text = configurationOf({
    ...keysIn(file),
    ...{ regions: ['us-east-1'], stack: { retentionDays: 1 } },
  });
  await writeFile(join(cwd, 'guardrelay.yaml'), text);

  const told = await runCli(['validate'], { cwd, env: { KEY_ID: 'AKIA' } });
  const listed = await runCli(['validate', '--json'], { cwd, env: { KEY_ID: 'AKIA' } });

  t.match(
    told.stderr,
    /^⚠ \d+:\d+ customers\[0\]\.stack\.retentionDays loses .* \(docs\/errors\/CFG-008\.md\)$/m,
  );
  t.match(
    told.stderr,
    /^⚠ \d+:\d+ customers\[0\]\.auth\.secretAccessKey names .*\/secret, which others on this host may read \(mode 0644\) \(docs\/errors\/CFG-009\.md\)$/m,
  );
  t.match(JSON.parse(listed.stdout).data, [
    { level: 'warning', code: 'CFG-008' },
    { level: 'warning', code: 'CFG-009' },
  ]);
});
