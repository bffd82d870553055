import t from 'tap';

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
