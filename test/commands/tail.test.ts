import t, { type Test } from 'tap';
import { until } from '../peers/support/until.ts';
import { ADMIN, finding, GROUP, insert, MEMBER, placeOf, REGIONS, setScene } from '../support/agent-cli.ts';
import { startCli } from '../support/cli.ts';

const HOSTILE = `${MEMBER} \u001b[2J\u001b]0;owned\u0007 \u202e\r\nforged line`;

async function startTail(t: Test, args: readonly string[], options: Parameters<typeof startCli>[1]) {
  const child = await startCli(['tail', ...args], options);
  t.teardown(() => child.end('SIGKILL'));
  await until('it waits', () => child.stderr().includes('Waiting'));
  return child;
}

t.test('what arrives in the log groups is shown once, without an agent, until Ctrl-C', async (t) => {
  const { aws, siem, cwd, env } = await setScene(t);
  aws.logs.insert(placeOf('us-east-1'), GROUP, []);
  const before = Date.now() - 30_000;
  aws.logs.insert(placeOf('eu-west-1'), GROUP, [{ timestamp: before, message: finding(1) }]);
  const child = await startTail(t, [MEMBER, '-o', 'ndjson', '--raw'], { cwd, env });
  const later = Date.now() + 2_000;
  aws.logs.insert(placeOf('eu-west-1'), GROUP, [
    { timestamp: later, message: finding(7) },
    { timestamp: later, message: finding(8, ADMIN) },
  ]);
  aws.logs.insert(placeOf('us-east-1'), GROUP, [{ timestamp: later, message: finding(9) }]);
  await until('both are shown', () => child.stdout().includes('f-7') && child.stdout().includes('f-9'));

  const { code } = await child.end('SIGINT');

  const [version, ...rows] = child
    .stdout()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.same(version, { type: 'version', ui: '1.0' });
  t.same(rows.map(({ raw }) => JSON.parse(raw).detail.id).toSorted(), ['f-7', 'f-9']);
  t.match(rows, [{ kind: 'finding', account: MEMBER, adminAccount: ADMIN, acked: [] }, {}]);
  t.equal(code, 130, child.stderr());
  t.same(siem.requests, []);
});

t.test('hostile text is one harmless line; a region that cannot be read is told once', async (t) => {
  const { aws, cwd, env } = await setScene(t);
  aws.logs.insert(placeOf('us-east-1'), GROUP, []);
  const child = await startTail(t, ['--raw'], { cwd, env });
  await until('the missing group is told', () => child.stderr().includes('LOG-001'));
  aws.logs.insert(placeOf('us-east-1'), GROUP, [{ timestamp: Date.now() + 2_000, message: HOSTILE }]);
  await until('it is shown', () => child.stdout().includes(MEMBER));

  await child.end('SIGINT');

  t.equal(child.stdout(), `${MEMBER} \\x1b[2J\\x1b]0;owned\\x07 \\u{202e} forged line\n`);
  t.equal(child.stderr().split('LOG-001').length, 2, child.stderr());
});

t.test('what destinations acknowledge is shown beside a running agent', async (t) => {
  const { aws, cwd, env, guardrelay } = await setScene(t);
  for (const region of REGIONS) insert(aws, region, 1);
  t.equal((await guardrelay('run', '--once')).code, 0);
  const child = await startTail(t, ['--stage', 'out', '--type', 'recon:*'], { cwd, env });
  insert(aws, 'eu-west-1', 2, 5);
  t.equal((await guardrelay('run', '--once')).code, 0);
  await until('both are shown', () => child.stdout().split('\n').length > 2);

  const { code } = await child.end('SIGINT');

  const rows = child.stdout().trimEnd().split('\n');
  t.equal(rows.length, 2);
  for (const row of rows)
    t.match(row, new RegExp(`^[\\d-]+ [\\d:]+\tfinding\t5.0\tacme\t${MEMBER}\teu-west-1\t.*\tsiem `));
  t.equal(code, 130);
});

t.test('without an agent ever having run there is nothing that anybody acknowledged', async (t) => {
  const { guardrelay } = await setScene(t);

  const { code, stderr } = await guardrelay('tail', '--stage', 'out');

  t.equal(code, 3);
  t.match(stderr, 'AGT-002');
});
