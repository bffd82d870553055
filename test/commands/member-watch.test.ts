import t from 'tap';

import { until } from '../peers/support/until.ts';
import { listeningUrl, startCli } from '../support/cli.ts';
import { LAB, makeMembers, PAY, placeIn, startMembersScene } from '../support/members-scene.ts';

t.test('a running agent sees who has left, and status and metrics tell it', async (t) => {
  const { aws, cwd, env, guardrelay } = await startMembersScene(t, '');
  makeMembers(aws, [PAY, LAB]);
  aws.guardDuty.members.mark(placeIn('us-east-1'), LAB, 'Resigned');
  const agent = await startCli(['run'], { cwd, env });
  t.teardown(() => agent.end('SIGKILL'));
  await until('it listens', () => agent.stderr().includes('listening'));
  const url = listeningUrl(agent);

  await until('the members were looked at', async () => {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    return metrics.includes('guardrelay_members{customer="acme",status="resigned"} 1');
  });
  await agent.end('SIGTERM');
  const { stdout } = await guardrelay('status', '-o', 'table');

  t.match(
    stdout,
    `1 member needs attention: ${LAB} resigned (us-east-1). guardrelay accounts status`,
    'also when the agent is down',
  );
});
