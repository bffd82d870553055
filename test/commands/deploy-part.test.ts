import t from 'tap';

import { startDeployCli } from '../support/deploy-cli.ts';
import { MEMBER, PLACES, REGIONS } from '../support/deployment.ts';
import { ACCOUNT } from '../support/local-aws.ts';

const QUICK = ['--poll-seconds', '0.1', '--wait-healthy=false'];

t.test('update changes what stands and makes nothing new', async (t) => {
  const cli = await startDeployCli(t, { accounts: { collect: [ACCOUNT] }, regions: REGIONS.slice(0, 2) });
  const early = await cli.run('update', '--yes', ...QUICK);
  await cli.run('deploy', '--yes', ...QUICK);
  await cli.configure({ accounts: { collect: [ACCOUNT] }, stack: { tags: { owner: 'soc' } } });

  const updated = await cli.run('update', '--yes', ...QUICK);

  t.equal(early.code, 0, early.stderr);
  t.match(early.stderr, /acme: nothing to deploy, 2 stacks not there yet: guardrelay deploy --customer acme/);
  t.equal(updated.code, 0, updated.stderr);
  t.equal(updated.stdout.match(/\tupdate\tsucceeded\t/g)?.length, 2);
  t.match(updated.stdout, /eu-central-1\tguardrelay\tskip\tskipped\t-\tnot there yet: guardrelay deploy/);
  const groups = cli.aws.logs.groups({ account: ACCOUNT, region: 'eu-central-1', partition: 'aws' });
  t.notOk(groups.find('/aws/events/guardrelay'));
});

t.test('--account and --region choose what is deployed; the rest is said to be left alone', async (t) => {
  const cli = await startDeployCli(t);

  const one = await cli.run('deploy', '--yes', '--account', MEMBER, '--region', 'eu-*', ...QUICK);
  const none = await cli.run('deploy', '--yes', '--region', 'eu-wset-1', ...QUICK);
  const stranger = await cli.run('deploy', '--yes', '--account', '999999999999', ...QUICK);
  await cli.configure({ stack: { tags: { owner: 'soc' } } });
  const part = await cli.run('update', '--yes', '--region', 'eu-west-1', ...QUICK);

  t.equal(one.code, 0, one.stderr);
  t.equal(one.stdout.match(/\tcreate\tsucceeded\t/g)?.length, 2);
  t.equal(one.stdout.match(/\tskip\tskipped\t-\tnot selected$/gm)?.length, PLACES.length - 2);
  t.match(none, { code: 2, stderr: /CLI-001 .*eu-wset-1/ });
  t.match(stranger, { code: 2, stderr: /CLI-001 .*999999999999/ });
  t.equal(part.code, 2, part.stderr);
  t.match(part.stderr, /CLI-001 .*OUTDATED, 1 stack/);
});

t.test('a failed region can be done again alone', async (t) => {
  const cli = await startDeployCli(t);
  cli.aws.world.faults.add({
    ...{ operation: 'StackInstance', account: MEMBER, region: 'eu-central-1', times: 1 },
    effect: { kind: 'error', code: 'AccessDenied', message: 'explicit deny in an SCP' },
  });

  const first = await cli.run('deploy', '--yes', ...QUICK);
  const again = await cli.run('deploy', '--yes', '--account', MEMBER, '--region', 'eu-central-1', ...QUICK);

  t.equal(first.code, 7, first.stderr);
  t.equal(again.code, 0, again.stderr);
  t.equal(again.stdout.match(/\tsucceeded\t/g)?.length, 1, again.stdout);
});

t.test('NDJSON tells each change as it happens, between a version and a summary', async (t) => {
  const cli = await startDeployCli(t, { accounts: { collect: [ACCOUNT] } });

  const ran = await cli.run('deploy', '--yes', '-o', 'ndjson', '--progress', 'none', ...QUICK);

  const lines = ran.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.same(lines[0], { type: 'version', ui: '1.0' });
  const ended = lines.filter(({ type, status }) => type === 'change' && status === 'succeeded');
  t.match(ended.at(-1), { command: 'deploy acme', ended: 3, total: 3, account: ACCOUNT });
  t.equal(lines.filter(({ type }) => type === 'stack').length, 3);
  t.match(lines.at(-1), { type: 'summary', stacks: 3, problems: 0 });
  t.notMatch(ran.stderr, /SUCCEEDED/, 'no progress for people');
});

t.test('of several customers each has its turn, and the end says who needs somebody', async (t) => {
  const cli = await startDeployCli(t);
  const globex = {
    id: 'globex',
    accounts: { collect: [MEMBER] },
    stack: { name: 'gr-globex', prefix: 'gx' },
  };
  await cli.configure({ accounts: { collect: [ACCOUNT] } }, globex);
  cli.aws.world.faults.add({
    ...{ operation: 'StackInstance', account: MEMBER, region: 'eu-west-1' },
    effect: { kind: 'error', code: 'AccessDenied', message: 'explicit deny in an SCP' },
  });

  const ran = await cli.run('deploy', '--yes', ...QUICK);

  t.equal(ran.code, 7, ran.stderr);
  t.match(ran.stderr, /✔ acme: 3 stacks deployed\./);
  t.match(ran.stderr, /✖ globex: 2 of 3 stacks up to date, 1 failed\./);
  t.match(ran.stderr, /^deploy of 2 customers: 1 done; 1 partly done \(globex\)\.$/m);
});
