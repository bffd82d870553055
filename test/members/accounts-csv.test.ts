import { join } from 'node:path';
import t from 'tap';

import { parseAccountsCsv } from '../../agent/members/accounts-csv.ts';
import { readAccountsFile } from '../../agent/members/accounts-file.ts';

const PAY = { id: '123456789123', email: 'aws+pay@acme.example', name: 'payments-prod' };
const LAB = { id: '012345678901', email: 'aws+lab@acme.example' };

t.test('a list is read in every form that people write it', (t) => {
  const pay = '123456789123,aws+pay@acme.example,payments-prod';
  const lab = '012345678901,aws+lab@acme.example';
  const rows: readonly [what: string, text: string][] = [
    ['no header', `${pay}\n${lab}`],
    ["GuardDuty's header", `Account ID,Email\n${pay}\n${lab}\n`],
    ['a header with a name', `Account ID,Email,Name\n${pay}\n${lab}\n`],
    ['a header the other way round', `e-mail address,account\n${pay}\n${lab}\n`],
    [
      'the e-mail first',
      'aws+pay@acme.example,123456789123,payments-prod\naws+lab@acme.example,012345678901',
    ],
    ['a byte order mark', `\ufeffAccount ID,Email\n${pay}\n${lab}`],
    ['CRLF', `Account ID,Email\r\n${pay}\r\n${lab}\r\n`],
    ['CR', `${pay}\r${lab}\r`],
    ['all line ends in one file', `${pay}\r\n\r# lab\n${lab}`],
    ['blank lines and comments', `# members\n\n  \nAccount ID,Email\n${pay}\n # the lab\n${lab}\n\n`],
    ['quotes', `"123456789123","aws+pay@acme.example","payments-prod"\n"012345678901",${LAB.email}`],
    ['blanks around', `  123456789123 , aws+pay@acme.example ,\tpayments-prod \n${lab} ,`],
    ['dashes', `1234-5678-9123,aws+pay@acme.example,payments-prod\n0123-4567-8901,${LAB.email},""`],
    ['more columns', `${pay},enabled,2026\n${lab},,,`],
  ];

  for (const [what, text] of rows)
    t.same(parseAccountsCsv(text), { accounts: [PAY, LAB], refused: [] }, what);
  t.same(parseAccountsCsv(''), { accounts: [], refused: [] }, 'nothing');
  t.same(parseAccountsCsv('Account ID,Email\n'), { accounts: [], refused: [] }, 'only a header');
  t.end();
});

t.test('a name may hold commas and quotes', (t) => {
  const text = '123456789123,a@b.example,"Acme, ""EU"""\n012345678901,c@d.example,Bücher # 1\n';

  const { accounts } = parseAccountsCsv(text);

  t.same(
    accounts.map(({ name }) => name),
    ['Acme, "EU"', 'Bücher # 1'],
  );
  t.end();
});

t.test('every row that cannot be used is refused with its line and the reason, and costs no other', (t) => {
  const rows: readonly [row: string, found: string, reason: string][] = [
    [
      '12345678912,a@b.example',
      '12345678912',
      'account ID has 11 digits; a spreadsheet may have cut leading zeros (did you mean 012345678912?)',
    ],
    [
      '123456789,a@b.example',
      '123456789',
      'account ID has 9 digits; a spreadsheet may have cut leading zeros (did you mean 000123456789?)',
    ],
    [
      '1.23457E+11,a@b.example',
      '1.23457E+11',
      'account ID is in scientific notation (a spreadsheet changed it)',
    ],
    ['12345678,a@b.example', '12345678', 'account ID is not 12 digits'],
    ['1234567890123,a@b.example', '1234567890123', 'account ID is not 12 digits'],
    ['payments,a@b.example', 'payments', 'account ID is not 12 digits'],
    ['a@b.example,', '', 'account ID is not 12 digits'],
    ['222222222222', '222222222222', 'e-mail is missing'],
    ['222222222222,,name', '222222222222', 'e-mail is missing'],
    ['222222222222,payments', '222222222222', 'e-mail is not an address'],
    ['222222222222,a@b@c', '222222222222', 'e-mail is not an address'],
    ['22,a b@c', '22', 'account ID is not 12 digits; e-mail is not an address'],
    ['1234-5678-9123,other@acme.example', '123456789123', 'account ID stands in line 2 already'],
    ['"222222222222,a@b.example', '"222222222222,a@b.example', 'a quote is out of place'],
    [`${'9'.repeat(100)},a@b.example`, '9'.repeat(40), 'account ID is not 12 digits'],
  ];
  const bad = rows.map(([row]) => row);
  const text = ['Account ID,Email,Name', Object.values(PAY), '', ...bad, Object.values(LAB)].join('\n');

  const { accounts, refused } = parseAccountsCsv(text);

  t.same(accounts, [PAY, LAB]);
  t.same(
    refused,
    rows.map(([, found, reason], at) => ({ line: at + 4, found, reason })),
  );
  t.end();
});

t.test('a file that is not there or not UTF-8 is an error that says what to do', async (t) => {
  const folder = t.testdir({ 'latin.csv': Buffer.from('123456789123,a@b.example,B\xfccher', 'latin1') });

  await t.rejects(readAccountsFile(join(folder, 'gone.csv')), {
    code: 'CFG-006',
    message: /^Reading the list of accounts .*gone\.csv failed: ENOENT/,
  });
  await t.rejects(readAccountsFile(join(folder, 'latin.csv')), { code: 'CFG-006', fix: /CSV UTF-8/ });
});
