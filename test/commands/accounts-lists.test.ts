import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';

import { addressOf, LAB, PAY, startMembersScene } from '../support/members-scene.ts';

t.test('a file is imported into the list, row by row, and what cannot be used is told', async (t) => {
  const { cwd, list, guardrelay } = await startMembersScene(
    t,
    `# ours\n${PAY},old@acme.example,payments-prod\n`,
  );
  writeFileSync(
    join(cwd, 'new.csv'),
    `\ufeffEmail,Account ID\r\n${addressOf(PAY)},1234-5678-9123\r\n${addressOf(LAB)},${LAB}\r\nx@acme.example,12345678912\r\n`,
  );

  const dry = await guardrelay('accounts', 'import', 'new.csv', '--dry-run', '--json');
  const untouched = readFileSync(list, 'utf8');
  const first = await guardrelay('accounts', 'import', 'new.csv', '-o', 'table');
  const second = await guardrelay('accounts', 'import', 'new.csv', '--json');
  const itself = await guardrelay('accounts', 'import', 'acme.csv', '-o', 'plain');

  t.same([dry.code, first.code, second.code, itself.code], [7, 7, 7, 0], first.stderr);
  t.match(JSON.parse(dry.stdout), {
    schema: 'guardrelay.accounts-import/v1',
    summary: { customer: 'acme', read: 2, refused: 1, added: 1, changed: 1, isDryRun: true },
    data: [
      { line: 4, account: '12345678912', result: 'refused', reason: /cut leading zeros/ },
      { account: PAY, result: 'changed' },
      { account: LAB, result: 'added' },
    ],
  });
  t.match(untouched, 'old@acme.example');
  t.equal(
    first.stdout,
    [
      ' ✔ 2 accounts read   ✖ 1 refused',
      '   line 4  12345678912  account ID has 11 digits; a spreadsheet may have cut leading zeros (did you',
      '                        mean 012345678912?)',
      ` ${list}: 1 added, 1 changed, 0 as they were`,
      '',
    ].join('\n'),
  );
  t.match(first.stderr, 'Next:  guardrelay accounts invite --all --customer acme');
  t.equal(
    readFileSync(list, 'utf8'),
    `# ours\n${PAY},${addressOf(PAY)},payments-prod\n${LAB},${addressOf(LAB)}\n`,
  );
  t.match(JSON.parse(second.stdout).summary, { added: 0, changed: 0 });
});

t.test('accounts are added, listed and exported', async (t) => {
  const { guardrelay } = await startMembersScene(t);

  const added = await guardrelay(
    'accounts',
    'add',
    '--account',
    '1234-5678-9123',
    '--email',
    addressOf(PAY),
    '--name',
    'Pay, "EU"',
  );
  const refused = await guardrelay('accounts', 'add', '--account', '123', '--email', 'x');
  const listed = await guardrelay('accounts', 'list', '--json');
  const exported = await guardrelay('accounts', 'export');

  t.same([added.code, refused.code, listed.code, exported.code], [0, 7, 0, 0], added.stderr);
  t.match(refused.stdout, /123\trefused\taccount ID is not 12 digits; e-mail is not an address/);
  t.same(JSON.parse(listed.stdout).data, [
    { customer: 'acme', account: PAY, name: 'Pay, "EU"', email: addressOf(PAY) },
  ]);
  t.equal(exported.stdout, `Account ID,Email\n${PAY},${addressOf(PAY)}\n`);
});
