import t from 'tap';
import type { Ran } from '../peers/support/child.ts';
import { type DeployCli, startDeployCli } from '../support/deploy-cli.ts';
import { REGIONS } from '../support/deployment.ts';
import { ACCOUNT } from '../support/local-aws.ts';

const QUICK = ['--poll-seconds', '0.1', '--wait-healthy=false'];
const HANG = { operation: 'StackInstance', effect: { kind: 'hang', ms: 60_000 } } as const;

/** Runs a command that finds an operation of an earlier one; AWS's time stands still until it has. */
async function goOn(cli: DeployCli, ...args: readonly string[]): Promise<Ran> {
  const child = await cli.start(...args);
  await cli.said(child, 'of an earlier run goes on');
  return cli.finish(child);
}

t.test('--detach begins, says how to go on, and ends; the next run waits for that operation', async (t) => {
  const cli = await startDeployCli(t);
  cli.aws.world.faults.add(HANG);

  const begun = await cli.start('deploy', '--yes', '--detach', ...QUICK);
  const detached = await begun.exited;
  const idle = await cli.start('deploy', '--yes', '--detach', ...QUICK);
  await idle.exited;
  const second = await goOn(cli, 'deploy', '--yes', ...QUICK);

  t.equal(detached.code, 0, begun.stderr());
  t.match(
    begun.stderr(),
    /acme: 6 stacks left to AWS\.\n {2}operation gr-[0-9a-f]{32}-1 on StackSet guardrelay\n/,
  );
  t.match(begun.stderr(), /\nTo wait for the end: guardrelay deploy --customer acme --yes\n/);
  t.equal(begun.stdout().match(/\tcreate\trunning\t/g)?.length, 6);
  t.match(idle.stderr(), /acme: 6 stacks left to AWS/);
  t.notMatch(idle.stderr(), /has begun/, 'begins nothing beside it');
  t.equal(second.code, 0, second.stderr);
  t.notMatch(second.stderr, /has begun/, 'no second operation');
});

t.test('what --detach cannot begin yet is counted: an update reaches one region first', async (t) => {
  const cli = await startDeployCli(t, { regions: REGIONS.slice(0, 2) });
  await cli.run('deploy', '--yes', ...QUICK);
  await cli.configure({ stack: { tags: { owner: 'soc' } } });
  cli.aws.world.faults.add(HANG);

  const begun = await cli.start('deploy', '--yes', '--detach', ...QUICK);
  const { code } = await begun.exited;
  const rest = await goOn(cli, 'deploy', '--yes', ...QUICK);

  t.equal(code, 0, begun.stderr());
  t.match(begun.stderr(), /acme: 1 stack left to AWS; 5 stacks not begun yet, because they wait for these/);
  t.match(begun.stderr(), /To wait for the end and do the rest: guardrelay deploy/);
  t.equal(rest.code, 0, rest.stderr);
  t.equal(rest.stdout.match(/\tsucceeded\t/g)?.length, 6, rest.stdout);
});

t.test('plain stacks are left to AWS as well', async (t) => {
  const cli = await startDeployCli(t, { accounts: { collect: [ACCOUNT] }, stack: { mode: 'stack' } });

  const begun = await cli.start('deploy', '--yes', '--detach', ...QUICK);
  const detached = await cli.finish(begun);
  const second = await cli.run('deploy', '--yes', ...QUICK);

  t.equal(detached.code, 0, detached.stderr);
  t.match(detached.stderr, /acme: 3 stacks left to AWS\.\nTo wait/);
  t.equal(second.code, 0, second.stderr);
  t.match(second.stderr, /3 stacks (deployed|up to date)/);
});

t.test('D06 a command that was killed in the middle is taken up where AWS is', async (t) => {
  const cli = await startDeployCli(t);
  cli.aws.world.faults.add(HANG);

  const first = await cli.start('deploy', '--yes', ...QUICK);
  await cli.said(first, 'has begun');
  await first.end('SIGKILL');
  const second = await goOn(cli, 'deploy', '--yes', ...QUICK);
  const third = await cli.run('deploy', '--yes', ...QUICK);

  t.equal(second.code, 0, second.stderr);
  t.equal(second.stdout.match(/\tsucceeded\t/g)?.length, 6);
  t.notMatch(second.stderr, /has begun/, 'no second operation');
  t.match(third, { code: 0, stderr: /6 stacks up to date already/ });
});

t.test('a second Ctrl-C ends at once', async (t) => {
  const cli = await startDeployCli(t);
  cli.aws.world.faults.add({ operation: 'DescribeStackSetOperation', effect: HANG.effect });

  const child = await cli.start('deploy', '--yes', ...QUICK);
  await cli.said(child, 'has begun');
  child.signal('SIGINT');
  child.signal('SIGINT');
  const exit = await child.exited;

  t.ok(exit.code === 130 || exit.signal === 'SIGINT', JSON.stringify(exit));
});

t.test('when time is up the command ends with 6, and the next one goes on', async (t) => {
  const cli = await startDeployCli(t);
  cli.aws.world.faults.add(HANG);

  const late = await cli.start('deploy', '--yes', '--timeout', '1s', ...QUICK);
  const { code } = await late.exited;
  const next = await goOn(cli, 'deploy', '--yes', ...QUICK);

  t.equal(code, 6, late.stderr());
  t.match(late.stderr(), /acme: not done in time\. What had begun in AWS goes on\.\nTo wait for it/);
  t.equal(next.code, 0, next.stderr);
});

t.test('destroy can run out of time too, and the next run goes on', async (t) => {
  const cli = await startDeployCli(t);
  await cli.run('deploy', '--yes', ...QUICK);
  cli.aws.world.faults.add(HANG);
  const destroy = ['destroy', '--customer', 'acme', '--yes', '--poll-seconds', '0.1'];

  const late = await cli.start(...destroy, '--timeout', '2s');
  const { code } = await late.exited;
  const next = await goOn(cli, ...destroy);

  t.equal(code, 6, late.stderr());
  t.equal(next.code, 0, next.stderr);
});
