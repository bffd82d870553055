import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { parse, stringify } from 'yaml';

import { startDeployCli } from '../support/deploy-cli.ts';
import { MEMBER, REGIONS } from '../support/deployment.ts';
import { ACCOUNT } from '../support/local-aws.ts';

t.test('destroy wants to be told whose, shows what will go, and keeps the log groups', async (t) => {
  const cli = await startDeployCli(t);
  const role = 'arn:aws:iam::999999999999:role/relay';
  await cli.run('deploy', '--yes', '--reader-role', role, '--poll-seconds', '0.1');

  const whose = await cli.run('destroy', '--yes');
  const unasked = await cli.run('destroy', '--customer', 'acme');
  const destroyed = await cli.run('destroy', '--customer', 'acme', '--yes', '--poll-seconds', '0.1');
  const again = await cli.run('destroy', '--customer', 'acme', '--yes');

  t.match(whose, { code: 2, stderr: /--customer ID/ });
  t.match(unasked, {
    code: 2,
    stdout: '',
    stderr: /StackSet guardrelay {3}1.*\n.*stack guardrelay-reader/,
  });
  t.equal(destroyed.code, 0, destroyed.stderr);
  t.equal(destroyed.stdout.match(/\tdelete\tsucceeded/g)?.length, 8);
  t.match(again, { code: 0, stderr: /acme: nothing is deployed/ });
  t.equal(cli.aws.world.principals.role(ACCOUNT, 'GuardRelayReader'), undefined);
  for (const account of [ACCOUNT, MEMBER]) {
    for (const region of REGIONS) {
      const groups = cli.aws.logs.groups({ account, region, partition: 'aws' });
      t.ok(groups.find('/aws/events/guardrelay'), `${account} ${region}`);
    }
  }
});

t.test(
  '--account and --region choose what is removed; the rest stands, and so does its StackSet',
  async (t) => {
    const cli = await startDeployCli(t);
    const role = 'arn:aws:iam::999999999999:role/relay';
    await cli.run('deploy', '--yes', '--reader-role', role, '--poll-seconds', '0.1', '--wait-healthy=false');
    const destroy = (...args: readonly string[]) =>
      cli.run('destroy', '--customer', 'acme', '--yes', ...args);

    const region = await destroy('--account', MEMBER, '--region', 'eu-west-1', '--poll-seconds', '0.1');
    const again = await destroy('--account', MEMBER, '--region', 'eu-west-1');
    const account = await destroy('--account', MEMBER, '--poll-seconds', '0.1');
    const logs = await destroy('--account', ACCOUNT, '--keep-logs=false');
    const left = await cli.run('plan', '--json');

    t.equal(region.code, 0, region.stderr);
    t.equal(region.stdout.match(/\tdelete\tsucceeded/g)?.length, 1, region.stdout);
    t.match(region.stderr, /StackSet guardrelay {3}222222222222: eu-west-1 {3}\(the others stay\)/);
    t.match(again, { code: 0, stderr: /acme: nothing of what was chosen is deployed/ });
    t.equal(account.code, 0, account.stderr);
    t.equal(
      account.stdout.match(/222222222222\t\S+\tguardrelay\tdelete\tsucceeded/g)?.length,
      2,
      account.stdout,
    );
    t.match(logs, { code: 2, stderr: /CLI-001 .*all stacks of a customer, or not at all/ });
    t.match(JSON.parse(left.stdout), { summary: { states: { unchanged: 3, planned: 3 } } });
    t.ok(cli.aws.world.principals.role(ACCOUNT, 'GuardRelayReader'), 'the role of the other account');
    t.notOk(cli.aws.world.principals.role(MEMBER, 'GuardRelayReader'), 'of the account that lost all');
  },
);

t.test('what destroy kept is adopted by the next deploy, and then not deleted but named', async (t) => {
  const cli = await startDeployCli(t);
  const quick = ['--yes', '--poll-seconds', '0.1'];
  const destroy = ['destroy', '--customer', 'acme', ...quick];
  await cli.run('deploy', ...quick);

  const kept = await cli.run(...destroy);
  const again = await cli.run('deploy', ...quick);
  const spared = await cli.run(...destroy, '--keep-logs=false');

  t.match(kept.stderr, /6 log groups \/aws\/events\/guardrelay kept, for the next deploy to adopt\./);
  t.equal(again.stdout.match(/\tcreate\tsucceeded\t-\tadopted the log group that was there/g)?.length, 6);
  t.match(again.stderr, /6 stacks deployed, 6 kept log groups adopted/);
  t.match(spared.stderr, /6 log groups \/aws\/events\/guardrelay kept, which the stacks could not delete: 1/);
  t.match(spared.stderr, /aws logs delete-log-group --log-group-name \/aws\/events\/guardrelay/);
});

t.test(
  'a customer with a file of his own is planned, deployed, examined and destroyed like others',
  async (t) => {
    const cli = await startDeployCli(t, { regions: ['us-east-1'], stack: { retentionDays: 1 } });
    const main = join(t.testdirName, 'guardrelay.yaml');
    const { customers, ...rest } = parse(await readFile(main, 'utf8'));
    await mkdir(join(t.testdirName, 'customers'));
    await writeFile(join(t.testdirName, 'customers/acme.yaml'), stringify(customers[0]));
    await writeFile(main, stringify({ ...rest, customersDir: 'customers' }));
    const role = 'arn:aws:iam::999999999999:role/relay';
    const acme = ['--customer', 'acme'];

    const planned = await cli.run('plan', ...acme, '--json');
    const deployed = await cli.run(
      'deploy',
      ...acme,
      '--yes',
      '--reader-role',
      role,
      '--poll-seconds',
      '0.1',
      '--wait-healthy=false',
    );
    const examined = await cli.run('doctor', ...acme, '--only', 'CFG-008', '--json');
    const destroyed = await cli.run('destroy', ...acme, '--yes', '--poll-seconds', '0.1');

    t.same([planned.code, deployed.code, destroyed.code], [0, 0, 0], deployed.stderr + destroyed.stderr);
    t.match(examined.stdout, 'stack.retentionDays of acme loses');
    t.match(destroyed.stdout, /guardrelay\tdelete\tsucceeded/);
  },
);
