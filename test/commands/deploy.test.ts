import t from 'tap';

import { createProgress } from '../../agent/console/terminal/progress.ts';
import { planText } from '../../agent/deploy/plan-text.ts';
import { deployText } from '../../agent/deploy/report-text.ts';
import { deployRows } from '../../agent/deploy/rows.ts';
import { startDeployCli } from '../support/deploy-cli.ts';
import { planOf } from '../support/deploy-request.ts';
import { MEMBER } from '../support/deployment.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const ACCOUNT = '111111111111';
const SEQUEL = { customer: 'acme', again: 'guardrelay deploy --customer acme', why: 'stopped' };

function step(region: string, action: 'create' | 'update' | 'none' | 'skip' | 'off', reason?: string) {
  return { account: ACCOUNT, region, action, ...(reason !== undefined && { reason }) };
}

function recorder() {
  const chunks: string[] = [];
  const stream = { write: (chunk: string | Uint8Array) => chunks.push(String(chunk)) > 0 };
  return { stream, text: () => chunks.join('') };
}

t.test('the plan names what is done where, why something is not, and what each region gets', (t) => {
  const steps = [
    step('us-east-1', 'create'),
    step('eu-west-1', 'create'),
    { ...step('us-west-1', 'skip', 'inoperable'), code: 'CFN-002' as const },
    step('me-south-1', 'off', 'not enabled in the account'),
    { account: '222222222222', region: 'us-east-1', action: 'none' as const },
  ];

  const text = planText(planOf({ steps }));

  t.equal(
    text,
    [
      'acme · StackSet guardrelay (self-managed, home us-east-1) in 111111111111 · template 1 sha256 sha of {…',
      '  + create       2   111111111111: us-east-1 eu-west-1',
      '  ! skip         1   111111111111: us-west-1   inoperable (CFN-002)',
      '  = unchanged    1   222222222222: us-east-1',
      '  · off          1   111111111111: me-south-1   not enabled in the account',
      '  Each: 1 log group (30 days, kept on delete), 3 rules, 1 Logs resource policy. No IAM, no Lambda, no detector.',
      'Plan: 2 to create, 0 to update, 1 unchanged, 1 skipped, 1 off.',
      '',
    ].join('\n'),
  );
  t.end();
});

t.test('many regions are counted, not listed', (t) => {
  const steps = Array.from({ length: 20 }, (_, index) => step(`eu-west-${index}`, 'create'));

  t.match(planText(planOf({ steps })), /eu-west-7 … 12 more/);
  t.end();
});

t.test('the end of a deployment says one cause once, for all its regions', (t) => {
  const steps = [
    step('us-east-1', 'create'),
    step('eu-west-1', 'create'),
    step('eu-west-2', 'create'),
    step('eu-west-3', 'create'),
  ];
  const plan = planOf({ steps });
  const result = (region: string, status: 'succeeded' | 'failed') =>
    ({
      account: ACCOUNT,
      region,
      stack: 'guardrelay',
      status,
      ...(status === 'failed' && { reason: 'Access Denied' }),
    }) as const;
  const results = [
    result('us-east-1', 'succeeded'),
    result('eu-west-1', 'failed'),
    result('eu-west-2', 'failed'),
  ];

  const rows = deployRows(plan, results);
  const text = deployText(SEQUEL, { kind: 'done' }, rows);

  t.same(
    rows.map(({ region, status, code }) => [region, status, code]),
    [
      ['us-east-1', 'succeeded', undefined],
      ['eu-west-1', 'failed', 'CFN-012'],
      ['eu-west-2', 'failed', 'CFN-012'],
      ['eu-west-3', 'untouched', undefined],
    ],
  );
  t.equal(
    text,
    [
      '✖ acme: 1 of 4 stacks up to date, 2 failed.',
      '  CFN-012  111111111111: eu-west-1 eu-west-2',
      '    AWS   Access Denied',
      '    fix   Allow the named action to the named role, in its policy or in the service control policy, then run the same command again.',
      '    docs  docs/errors/CFN-012.md',
      '1 stack left untouched because of that.',
      'To try again only what failed, run the same command again.',
      '',
    ].join('\n'),
  );
  t.end();
});

t.test('without a terminal progress is one line for each change, with its count', (t) => {
  const { stream, text } = recorder();
  const clock = createVirtualClock(Date.UTC(2026, 10, 20, 21, 37, 50));
  const progress = createProgress({ stream, clock, label: 'deploy acme' });

  progress.begin(2);
  progress.step({ subject: 'eu-west-1', state: 'RUNNING', outcome: 'running' });
  progress.step({ subject: 'eu-west-1', state: 'SUCCEEDED', outcome: 'good' });
  progress.step({
    subject: 'eu-west-3',
    state: 'FAILED',
    outcome: 'bad',
    detail: 'reason="SCP \u001b[31m" code=CFN-012',
  });
  progress.step({ subject: 'eu-west-1', state: 'SUCCEEDED', outcome: 'good' });
  progress.note('waiting');
  progress.end();

  t.equal(
    text(),
    [
      '21:37:50Z deploy acme [1/2] eu-west-1 SUCCEEDED',
      '21:37:50Z deploy acme [2/2] eu-west-3 FAILED reason="SCP \\x1b[31m" code=CFN-012',
      '21:37:50Z deploy acme waiting',
      '',
    ].join('\n'),
  );
  t.end();
});

t.test('on a terminal a bar grows, failures stand above it, and it goes away at the end', async (t) => {
  const { stream, text } = recorder();
  const clock = createVirtualClock(Date.UTC(2026, 10, 20, 21, 37, 50));
  const progress = createProgress({ stream, clock, label: 'deploy acme', barColumns: 90 });

  progress.begin(5);
  await clock.advance(83_000);
  progress.step({ subject: 'eu-west-1', state: 'SUCCEEDED', outcome: 'good' });
  progress.step({ subject: 'eu-west-3', state: 'FAILED', outcome: 'bad' });
  progress.end();

  const drawn = text().split('\r\u001b[2K').slice(1);
  t.same(drawn, [
    ` deploy acme  ${'░'.repeat(25)}  0/5, 0 failed  00:00`,
    ` deploy acme  ${'█'.repeat(5)}${'░'.repeat(20)}  1/5, 0 failed  01:23`,
    '21:39:13Z deploy acme [2/5] eu-west-3 FAILED\n',
    ` deploy acme  ${'█'.repeat(10)}${'░'.repeat(15)}  2/5, 1 failed  01:23`,
    '',
  ]);
});

t.test('without a terminal deploy shows the plan, changes nothing and wants --yes', async (t) => {
  const cli = await startDeployCli(t);

  const ran = await cli.run('deploy');

  t.match(ran, { code: 2, stdout: '' });
  t.match(ran.stderr, /Plan: 6 to create, 0 to update/);
  t.match(ran.stderr, /add --yes/);
});

t.test('deploy --yes --json answers with one row for each place, and 7 when one failed', async (t) => {
  const cli = await startDeployCli(t);
  cli.aws.world.accounts.add({ id: MEMBER, regions: ['us-east-1', 'eu-west-1'] });

  const first = await cli.run('deploy', '--yes', '--json', '--poll-seconds', '0.1');
  cli.aws.world.accounts.add({ id: MEMBER });
  const second = await cli.run('deploy', '--yes', '--poll-seconds', '0.1');

  t.equal(first.code, 7, first.stderr);
  const answer = JSON.parse(first.stdout);
  t.match(answer, {
    schema: 'guardrelay.deploy/v1',
    summary: { stacks: 6, problems: 1, states: { succeeded: 5, failed: 1 } },
  });
  t.match(answer.data.at(-1), {
    customer: 'acme',
    account: MEMBER,
    region: 'eu-central-1',
    status: 'failed',
    code: 'CFN-003',
  });
  t.match(
    first.stderr,
    /^\d\d:\d\d:\d\dZ deploy acme \[\d\/6\] 222222222222 eu-central-1 FAILED reason=".+" code=CFN-003$/m,
  );
  t.equal(second.code, 0, second.stderr);
  t.match(second.stdout, /^acme\t222222222222\teu-central-1\tguardrelay\tcreate\tsucceeded\t-\t$/m);
});

t.test('Ctrl-C leaves the operation to AWS with a hint, and the next run waits for it', async (t) => {
  const cli = await startDeployCli(t);
  const operations = () =>
    cli.aws.world.faults.add({ operation: 'StackInstance', effect: { kind: 'hang', ms: 60_000 } });
  operations();

  const first = await cli.start('deploy', '--yes', '--poll-seconds', '0.1');
  await cli.said(first, 'has begun');
  const stopped = await first.end('SIGINT');
  const second = await cli.start('deploy', '--yes', '--poll-seconds', '0.1');
  await cli.said(second, 'of an earlier run');
  const resumed = await cli.finish(second);

  t.equal(stopped.code, 130);
  t.match(first.stderr(), /goes on\.\nTo wait for it .*: guardrelay deploy --customer acme --yes\n/);
  t.equal(resumed.code, 0, resumed.stderr);
  t.equal(resumed.stdout.match(/succeeded/g)?.length, 6);
  t.notMatch(resumed.stderr, /has begun/, 'no second operation');
});

t.test('a log group that others make is nothing to deploy', async (t) => {
  const cli = await startDeployCli(t, { stack: { mode: 'existing' } });

  const ran = await cli.run('deploy', '--yes');

  t.equal(ran.code, 0, ran.stderr);
  t.match(ran.stderr, /others make the log groups/);
});

t.test(
  'credentials that are missing, or of another account, end with their exit code and a next step',
  async (t) => {
    const cli = await startDeployCli(t, { stack: { mode: 'stack' } });

    const unknown = await cli.run('deploy', '--yes', '--profile', 'nobody');
    const elsewhere = await cli.run('deploy', '--yes');

    t.equal(unknown.code, 5, unknown.stderr);
    t.match(unknown.stderr, /nobody.*\n {2}fix .*--profile/);
    t.equal(elsewhere.code, 2, elsewhere.stderr);
    t.match(elsewhere.stderr, /CLI-001 .*222222222222/);
  },
);
