import { readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';

import { parseAccountsCsv } from '../../agent/members/accounts-csv.ts';
import { accountsTextIfAny, writeAccountsFile } from '../../agent/members/accounts-file.ts';
import { mergeAccounts, uploadText, withoutAccounts } from '../../agent/members/edit-accounts.ts';

const PAY = { id: '123456789123', email: 'pay@acme.example', name: 'payments-prod' };
const LAB = { id: '012345678901', email: 'lab@acme.example' };
const WEB = { id: '222233334444', email: 'web@acme.example', name: 'Web, "EU"' };

t.test('an empty list gets a header', (t) => {
  const { text, added } = mergeAccounts('', [PAY, LAB]);

  t.equal(
    text,
    'Account ID,Email,Name\n123456789123,pay@acme.example,payments-prod\n012345678901,lab@acme.example\n',
  );
  t.same(added, [PAY, LAB]);
  t.end();
});

t.test('what a change does not concern stays byte for byte', (t) => {
  const rows: readonly [what: string, before: string, after: string][] = [
    [
      'comments, blank lines and rows that cannot be used',
      '# ours\n\nAccount ID,Email\n99,x@y.example\n1234-5678-9123,old@acme.example\n\n# end\n',
      '# ours\n\nAccount ID,Email\n99,x@y.example\n123456789123,pay@acme.example,payments-prod\n\n# end\n222233334444,web@acme.example,"Web, ""EU"""\n',
    ],
    [
      'a byte order mark and CRLF, without an end of the last line',
      '\ufeff123456789123,old@acme.example\r\n012345678901, lab@acme.example',
      '\ufeff123456789123,pay@acme.example,payments-prod\r\n012345678901, lab@acme.example\r\n222233334444,web@acme.example,"Web, ""EU"""\r\n',
    ],
    [
      'the e-mail first, and columns of others',
      'old@acme.example,123456789123,,gold,"a, b"\n',
      'pay@acme.example,123456789123,payments-prod,gold,"a, b"\nweb@acme.example,222233334444,"Web, ""EU"""\n',
    ],
    [
      'CR',
      '123456789123,old@acme.example\r',
      '123456789123,pay@acme.example,payments-prod\r222233334444,web@acme.example,"Web, ""EU"""\r',
    ],
  ];

  for (const [what, before, after] of rows) {
    const merged = mergeAccounts(before, [PAY, WEB]);

    t.same([merged.text, merged.added, merged.changed], [after, [WEB], [PAY]], what);
    t.equal(mergeAccounts(after, [PAY, WEB]).text, after, `${what}: the second time nothing changes`);
    t.match(parseAccountsCsv(after).accounts, [PAY], what);
  }
  t.end();
});

t.test('a list without names takes no name away', (t) => {
  const before = '123456789123,old@acme.example,payments-prod\n';

  t.equal(
    mergeAccounts(before, [{ id: PAY.id, email: PAY.email }]).text,
    '123456789123,pay@acme.example,payments-prod\n',
  );
  t.end();
});

t.test('accounts are taken off a list with their rows alone', (t) => {
  const before = '# ours\r\n123456789123,p@acme.example\r\n99,bad\r\n0123-4567-8901,l@acme.example';

  t.equal(withoutAccounts(before, [PAY.id]), '# ours\r\n99,bad\r\n0123-4567-8901,l@acme.example');
  t.equal(withoutAccounts(before, ['99', '333333333333']), before, 'only accounts');
  t.end();
});

t.test('what is exported begins as GuardDuty demands it', (t) => {
  t.equal(
    uploadText([PAY, LAB]),
    'Account ID,Email\n123456789123,pay@acme.example\n012345678901,lab@acme.example\n',
  );
  t.end();
});

t.test('a list is replaced whole, keeps its rights, and a link to it stays a link', async (t) => {
  const folder = t.testdir({ 'acme.csv': 'old' });
  const link = join(folder, 'link.csv');
  symlinkSync('acme.csv', link);
  const { mode } = statSync(link);

  await writeAccountsFile(link, 'new');
  await writeAccountsFile(join(folder, 'customers', 'globex.csv'), 'first');

  t.equal(readFileSync(join(folder, 'acme.csv'), 'utf8'), 'new');
  t.equal(statSync(link).mode, mode);
  t.same(readdirSync(folder).sort(), ['acme.csv', 'customers', 'link.csv'], 'no drafts are left');
  t.equal(await accountsTextIfAny(join(folder, 'customers', 'globex.csv')), 'first');
  t.equal(await accountsTextIfAny(join(folder, 'none.csv')), '');
});

t.test('a list that cannot be written is an error that says what to do, and stays as it was', async (t) => {
  const folder = t.testdir({ 'acme.csv': 'old', file: '' });

  await t.rejects(writeAccountsFile(join(folder, 'file', 'acme.csv'), 'new'), {
    code: 'CFG-006',
    message: /^Writing the list of accounts .* failed: E/,
  });
});
