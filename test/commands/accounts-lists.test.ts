import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';

import type { JsonObject } from '../../agent/model/json.ts';
import { ADMIN, addressOf, LAB, makeMembers, PAY, startMembersScene } from '../support/members-scene.ts';

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

/** Gives the customer of the scene a file of his own, and returns what stands in it. */
function moveToFile(cwd: string): JsonObject {
  const main = join(cwd, 'guardrelay.yaml');
  const { customers, ...rest } = JSON.parse(readFileSync(main, 'utf8'));
  mkdirSync(join(cwd, 'customers'));
  writeFileSync(main, JSON.stringify({ ...rest, customersDir: 'customers' }));
  writeFileSync(join(cwd, 'customers/acme.yaml'), JSON.stringify(customers[0]));
  return customers[0];
}

t.test('the list of a customer with a file of his own lies beside that file', async (t) => {
  const { cwd, list, aws, guardrelay } = await startMembersScene(t);
  moveToFile(cwd);
  makeMembers(aws, [PAY]);
  writeFileSync(join(cwd, 'new.csv'), `${LAB},${addressOf(LAB)}\n`);
  const wanted = ['--account', PAY];

  const added = await guardrelay('accounts', 'add', ...wanted, '--email', addressOf(PAY));
  const imported = await guardrelay('accounts', 'import', 'new.csv', '--json');
  const removed = await guardrelay('accounts', 'remove', ...wanted);

  const own = join(cwd, 'customers/acme.csv');
  t.equal(added.code, 0, added.stderr);
  t.match(JSON.parse(imported.stdout).summary, { list: own, added: 1 });
  t.match(readFileSync(own, 'utf8'), `${PAY},${addressOf(PAY)}\n${LAB},${addressOf(LAB)}\n`);
  t.throws(() => readFileSync(list), { code: 'ENOENT' }, 'none beside the configuration file');
  t.match(removed.stderr, own, 'the list that it would be taken off');
});

t.test('a customer without a list is told how to name one, from the folder of his own file', async (t) => {
  const { cwd, guardrelay } = await startMembersScene(t);
  const acme = moveToFile(cwd);
  writeFileSync(
    join(cwd, 'customers/acme.yaml'),
    JSON.stringify({ ...acme, accounts: { collect: [ADMIN] } }),
  );

  const { code, stderr } = await guardrelay('accounts', 'add', '--account', PAY, '--email', addressOf(PAY));

  t.equal(code, 2);
  t.match(stderr, /from the folder of that file: accounts: \{ file: acme\.csv \}/);
});
