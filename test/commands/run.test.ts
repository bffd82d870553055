import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';

import { until } from '../peers/support/until.ts';
import {
  ADMIN,
  addReader,
  finding,
  GROUP,
  insert,
  linesOf,
  MEMBER,
  placeOf,
  REGIONS,
  setScene,
} from '../support/agent-cli.ts';
import { listeningUrl, startCli } from '../support/cli.ts';

t.test('one pass delivers everything once, and the next one nothing', async (t) => {
  const { aws, siem, guardrelay } = await setScene(t);
  for (const region of REGIONS) insert(aws, region, 5);

  const first = await guardrelay('run', '--once');
  const delivered = linesOf(siem).length;
  const second = await guardrelay('run', '--once');

  t.equal(first.code, 0, first.stderr);
  t.match(first.stderr, '2 of 2 sources read to the end; delivered 10 to siem.');
  t.equal(delivered, 10);
  t.equal(second.code, 0, second.stderr);
  t.equal(linesOf(siem).length, 10, 'what is finished is never sent again');
});

t.test("a member's finding carries the member's account, and search finds it by that", async (t) => {
  const { aws, siem, guardrelay } = await setScene(t);
  insert(aws, 'eu-west-1', 1);
  aws.logs.insert(placeOf('us-east-1'), GROUP, [{ timestamp: Date.now(), message: finding(7, ADMIN) }]);
  const pass = await guardrelay('run', '--once');
  t.equal(pass.code, 0, pass.stderr);

  const record = JSON.parse(linesOf(siem).find((line) => line.includes('f-0')) ?? '{}');
  const glob = JSON.parse((await guardrelay('search', `*${MEMBER}*`, '--json')).stdout);
  const bare = JSON.parse((await guardrelay('search', '1234-5678-9123', '--json')).stdout);

  t.match(record, { account: MEMBER, adminAccount: ADMIN });
  t.match(glob.data, [{ account: MEMBER, kind: 'finding', acked: [{ destination: 'siem' }] }]);
  t.equal(glob.data.length, 1);
  t.same(bare.data, glob.data);
});

t.test('a list of accounts gives members their names; rows that cannot be used are told once', async (t) => {
  const { aws, siem, cwd, guardrelay } = await setScene(
    t,
    {},
    { accounts: { collect: [ADMIN], file: 'acme.csv' } },
  );
  await writeFile(
    join(cwd, 'acme.csv'),
    `${MEMBER},pay@acme.example,payments-prod\n1.2E+11,lab@acme.example\n`,
  );
  for (const region of REGIONS) insert(aws, region, 1);

  const pass = await guardrelay('run', '--once');

  t.equal(pass.code, 0, pass.stderr);
  for (const line of linesOf(siem))
    t.match(JSON.parse(line), { account: MEMBER, accountName: 'payments-prod' });
  t.equal(linesOf(siem).length, 2);
  t.equal(pass.stderr.split('line 2: 1.2E+11: account ID is in scientific notation').length, 2);
});

t.test('a list of accounts that cannot be read costs the names, and no record', async (t) => {
  const accounts = { collect: [ADMIN], file: 'gone.csv' };
  const { aws, siem, guardrelay } = await setScene(t, {}, { accounts });
  for (const region of REGIONS) insert(aws, region, 1);

  const pass = await guardrelay('run', '--once');

  t.equal(pass.code, 0, pass.stderr);
  t.equal(linesOf(siem).length, 2);
  t.match(pass.stderr, /"level":"error".*"code":"CFG-006","customer":"acme".*gone\.csv failed: ENOENT/);
});

t.test('an organization names the members that no list names, and its refusal stops nothing', async (t) => {
  const accounts = { collect: [ADMIN], names: 'organizations' };
  const { aws, siem, env, guardrelay } = await setScene(t, {}, { accounts });
  const named = { id: MEMBER, name: 'payments-prod', email: 'pay@acme.example' };
  aws.world.organizations.add({
    management: ADMIN,
    accounts: [{ ...named, id: ADMIN, name: 'root' }, named],
  });
  for (const region of REGIONS) insert(aws, region, 1);

  const refused = await guardrelay('run', '--once');
  addReader(aws, env.EXTERNAL_ID ?? '', ['organizations:ListAccounts']);
  for (const region of REGIONS) insert(aws, region, 1, 1);
  const allowed = await guardrelay('run', '--once');
  const again = await guardrelay('replay', '--from', '1h');

  t.equal(refused.code, 0, refused.stderr);
  t.equal(refused.stderr.split('AUTH-006').length, 2, 'told once');
  t.match(refused.stderr, 'AllowAccountNames=true');
  t.equal(allowed.code, 0, allowed.stderr);
  t.equal(again.code, 0, again.stderr);
  const names = linesOf(siem).map((line) => JSON.parse(line).accountName);
  t.same(names, [undefined, undefined, ...Array.from({ length: 6 }, () => named.name)]);
});

t.test('status tells what the last agent left, problems first', async (t) => {
  const { aws, guardrelay } = await setScene(t);
  insert(aws, 'us-east-1', 1);
  aws.logs.insert(placeOf('eu-west-1'), GROUP, []);
  aws.world.faults.add({
    ...{ service: 'logs', region: 'eu-west-1' },
    effect: {
      kind: 'error',
      code: 'AccessDeniedException',
      message: 'explicit deny in a service control policy',
    },
  });

  const pass = await guardrelay('run', '--once');
  const status = await guardrelay('status', '--json');
  const { data, summary } = JSON.parse(status.stdout);

  t.equal(pass.code, 7, 'one region is refused, the other is read');
  t.equal(status.code, 4);
  t.match(data[0], {
    region: 'eu-west-1',
    state: 'failing',
    code: 'AUTH-006',
    reason: /service control policy/,
  });
  t.match(data[1], { region: 'us-east-1', state: 'pending', lastAckAt: /^20/, lastReadAt: /^20/ });
  t.match(summary, { verdict: '1 of 2 sources needs action.', destinations: [{ id: 'siem', state: 'ok' }] });
});

t.test('a wrong ExternalId fails every source of the customer with one code', async (t) => {
  const { aws, guardrelay } = await setScene(t);
  addReader(aws, 'another-external-id-of-32-letters');
  for (const region of REGIONS) insert(aws, region, 1);

  const pass = await guardrelay('run', '--once');
  const { data } = JSON.parse((await guardrelay('status', '--json')).stdout);

  t.equal(pass.code, 7);
  t.match(data, [
    { code: 'AUTH-002', state: 'failing' },
    { code: 'AUTH-002', state: 'failing' },
  ]);
});

t.test('a SIEM that is away is waited for, and what waits is delivered later', async (t) => {
  const { aws, siem, guardrelay } = await setScene(t);
  insert(aws, 'us-east-1', 3);
  aws.logs.insert(placeOf('eu-west-1'), GROUP, []);
  siem.answer = () => ({ status: 503 });

  const away = await guardrelay('run', '--once', '--timeout', '3');
  siem.answer = () => ({ status: 200 });
  siem.requests.length = 0;
  const back = await guardrelay('run', '--once');

  t.equal(away.code, 6, away.stderr);
  t.equal(back.code, 0, back.stderr);
  t.equal(linesOf(siem).length, 3);
});

t.test('a SIEM that refuses the credentials is named, with exit code 4', async (t) => {
  const { aws, siem, guardrelay } = await setScene(t);
  insert(aws, 'us-east-1', 1);
  aws.logs.insert(placeOf('eu-west-1'), GROUP, []);
  siem.answer = () => ({ status: 401 });

  const pass = await guardrelay('run', '--once', '--timeout', '3');

  t.equal(pass.code, 4, pass.stderr);
  t.match(pass.stdout, /blocked/);
  t.match(pass.stdout, /401/);
});

t.test('a damaged store is set aside, and the last 25 hours are delivered again', async (t) => {
  const { aws, siem, cwd, guardrelay } = await setScene(t);
  for (const region of REGIONS) insert(aws, region, 2);
  await guardrelay('run', '--once');
  await writeFile(join(cwd, 'state', 'state.db'), 'this is no database');

  const pass = await guardrelay('run', '--once');

  t.equal(pass.code, 0, pass.stderr);
  t.match(pass.stderr, /store was damaged and is set aside/);
  t.equal(linesOf(siem).length, 8, 'all four, twice');
});

t.test('TERM ends a running agent at once, with probes answering until then', async (t) => {
  const { aws, siem, cwd, env } = await setScene(t);
  for (const region of REGIONS) insert(aws, region, 1);
  const agent = await startCli(['run'], { cwd, env });
  t.teardown(() => agent.end('SIGKILL'));
  await until('both records delivered', () => linesOf(siem).length >= 2);
  const url = listeningUrl(agent);

  const live = await fetch(`${url}/livez`);
  const page = await (await fetch(`${url}/search`)).text();
  const { code, signal } = await agent.end('SIGTERM');

  t.equal(live.status, 200);
  t.match(page, MEMBER);
  t.same({ code, signal }, { code: 0, signal: null }, agent.stderr());
});

t.test('search and status without an agent ever having run say so', async (t) => {
  const { guardrelay } = await setScene(t);

  for (const command of [['status'], ['search', '*x*']]) {
    const { code, stderr } = await guardrelay(...command);
    t.equal(code, 3);
    t.match(stderr, /AGT-002/);
    t.match(stderr, /guardrelay run/);
  }
});
