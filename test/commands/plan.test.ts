import t from 'tap';

import { startDeployCli } from '../support/deploy-cli.ts';
import { MEMBER } from '../support/deployment.ts';
import { ACCOUNT } from '../support/local-aws.ts';

t.test(
  'plan shows what deploy would do and what it costs, changes nothing, and says so by its exit code',
  async (t) => {
    const cli = await startDeployCli(t);

    const plain = await cli.run('plan', '--output', 'table');
    const detailed = await cli.run('plan', '--detailed-exitcode', '--json');
    await cli.run('deploy', '--yes', '--poll-seconds', '0.1');
    const after = await cli.run('plan', '--detailed-exitcode', '--json');

    t.equal(plain.code, 0, plain.stderr);
    t.match(plain.stdout, /Plan: 6 to create, 0 to update/);
    t.match(plain.stdout, /reading every 60 s: 259,200 calls/);
    t.equal(detailed.code, 3, detailed.stderr);
    t.match(JSON.parse(detailed.stdout), {
      schema: 'guardrelay.plan/v1',
      summary: { states: { planned: 6 } },
    });
    t.equal(after.code, 0, after.stderr);
    t.match(JSON.parse(after.stdout), { summary: { states: { unchanged: 6 } } });
  },
);

t.test('a region without GuardDuty is said before, and deployed all the same', async (t) => {
  const cli = await startDeployCli(t, {
    accounts: { collect: [ACCOUNT] },
    regions: ['us-east-1', 'eu-west-1'],
  });
  const place = { account: ACCOUNT, region: 'us-east-1', partition: 'aws' };
  cli.aws.guardDuty.detectors.create(place, {});

  const planned = await cli.run('plan', '--output', 'table');
  const deployed = await cli.run('deploy', '--yes', '--poll-seconds', '0.1');

  t.match(planned.stdout, /\+ create +1 +111122223333: us-east-1\n/);
  t.match(
    planned.stdout,
    /\+ create +1 +111122223333: eu-west-1 +no GuardDuty detector \(GD-001\): findings come once there is one\n/,
  );
  t.equal(deployed.stdout.match(/\tcreate\tsucceeded\t/g)?.length, 2, deployed.stderr);
});

t.test('a saved plan is carried out without a question, once', async (t) => {
  const cli = await startDeployCli(t);

  const planned = await cli.run('plan', '--out', 'acme.plan');
  const deployed = await cli.run('deploy', 'acme.plan', '--poll-seconds', '0.1');
  const again = await cli.run('deploy', 'acme.plan', '--poll-seconds', '0.1');

  t.equal(planned.code, 0, planned.stderr);
  t.match(planned.stderr, /guardrelay deploy acme\.plan/);
  t.equal(deployed.code, 0, deployed.stderr);
  t.equal(deployed.stdout.match(/succeeded/g)?.length, 6);
  t.equal(again.code, 0, again.stderr);
  t.equal(again.stdout.match(/unchanged/g)?.length, 6, 'nothing is left to do');
});

t.test('a saved plan that no longer holds is refused before the first write', async (t) => {
  const cli = await startDeployCli(t);
  await cli.run('plan', '--out', 'acme.plan');
  cli.aws.world.accounts.add({ id: MEMBER, regions: ['us-east-1', 'eu-west-1'] });
  await cli.run('deploy', '--yes', '--poll-seconds', '0.1');
  cli.aws.world.accounts.add({ id: MEMBER });

  const outdated = await cli.run('deploy', 'acme.plan', '--poll-seconds', '0.1');
  const missing = await cli.run('deploy', 'no.plan');
  const other = await cli.run('deploy', 'guardrelay.yaml');

  t.equal(outdated.code, 2, outdated.stderr);
  t.match(outdated.stderr, /CFN-013 .*acme\.plan.*\n {2}fix .*plan --customer acme --out acme\.plan/);
  t.match(missing, { code: 2, stderr: /CLI-001 .*no\.plan/ });
  t.match(other, { code: 2, stderr: /CLI-001 .*is no plan/ });
});
