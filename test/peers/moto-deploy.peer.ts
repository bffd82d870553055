import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import t, { type Test } from 'tap';
import { z } from 'zod';

import type { JsonObject } from '../../agent/model/json.ts';
import { type Agent, setUpRelay } from './support/agent.ts';
import { type Moto, OPERATOR, startMoto } from './support/moto.ts';

/** moto's own account, to which long-lived keys belong. */
const OWN = '123456789012';
const MEMBER = '111111111111';
const REGIONS = ['us-east-1', 'eu-west-1'] as const;
const RELAY = 'arn:aws:iam::999999999999:role/guardrelay';
const DEPLOYING = ['--yes', '--poll-seconds', '0.1', '--progress', 'none', '--wait-healthy=false', '--json'];

const report = z.object({
  summary: z.object({ stacks: z.number(), states: z.record(z.string(), z.number()) }),
});

/** The command line, set to deploy into moto. */
async function deployer(t: Test, moto: Moto, stack: JsonObject, accounts: readonly string[]): Promise<Agent> {
  const directory = await mkdtemp(join(tmpdir(), 'guardrelay-moto-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const roleArn = 'arn:aws:iam::{account}:role/GuardRelayReader';
  const customer = {
    id: 'acme',
    auth: { type: 'assumeRole', roleArn, externalId: 'env:EXTERNAL_ID' },
    accounts: { collect: accounts },
    regions: REGIONS,
    stack,
  };
  const env = {
    AWS_ACCESS_KEY_ID: OPERATOR.accessKeyId,
    AWS_SECRET_ACCESS_KEY: OPERATOR.secretAccessKey,
    EXTERNAL_ID: '0123456789abcdef0123456789abcdef',
  };
  const siem = {
    id: 'siem',
    type: 'syslog',
    host: '127.0.0.1',
    port: 514,
    transport: 'tcp',
    insecureTransport: true,
  };
  return setUpRelay(directory, { endpointUrl: moto.url, customer, env }, [siem]);
}

function statesOf(stdout: string): Readonly<Record<string, number>> {
  return report.parse(JSON.parse(stdout)).summary.states;
}

const SCENES = [
  {
    name: 'as a StackSet over two accounts',
    stack: { mode: 'stackset-self-managed' },
    accounts: [OWN, MEMBER],
  },
  { name: 'as plain stacks', stack: { mode: 'stack' }, accounts: [OWN] },
] as const;

for (const { name, stack, accounts } of SCENES) {
  const total = accounts.length * REGIONS.length;

  t.test(
    `on moto, ${name}: plan, deploy, nothing more to do, no drift, destroy, and deploy again`,
    async (t) => {
      const moto = await startMoto();
      t.teardown(moto.stop);
      const agent = await deployer(t, moto, stack, accounts);

      const planned = await agent.run('plan', '--detailed-exitcode', '--json');
      const deployed = await agent.run('deploy', ...DEPLOYING);
      const again = await agent.run('deploy', ...DEPLOYING);
      const drift = await agent.run('drift', '--json');
      const destroyed = await agent.run('destroy', '--customer', 'acme', ...DEPLOYING.slice(0, 3), '--json');
      const empty = await agent.run('plan', '--detailed-exitcode', '--json');
      const anew = await agent.run('deploy', ...DEPLOYING);

      t.equal(planned.code, 3, planned.stderr);
      t.same(statesOf(planned.stdout), { planned: total });
      t.equal(deployed.code, 0, deployed.stderr);
      t.same(statesOf(deployed.stdout), { succeeded: total });
      t.equal(again.code, 0, again.stderr);
      t.same(statesOf(again.stdout), { unchanged: total });
      t.equal(drift.code, 0, drift.stdout + drift.stderr);
      t.equal(destroyed.code, 0, destroyed.stderr);
      t.same(statesOf(empty.stdout), { planned: total });
      t.equal(anew.code, 0, anew.stderr);
      t.same(statesOf(anew.stdout), { succeeded: total });
    },
  );
}

t.test(
  'on moto the reader role stands in both accounts, and the agent lists its log groups through it',
  async (t) => {
    const moto = await startMoto();
    t.teardown(moto.stop);
    const agent = await deployer(t, moto, { mode: 'stackset-self-managed' }, [OWN, MEMBER]);

    const deployed = await agent.run('deploy', '--reader-role', RELAY, ...DEPLOYING);
    const examined = await agent.run('doctor', '--only', 'LOG-001,LOG-003,EB-001,EB-002', '--json');

    t.equal(deployed.code, 0, deployed.stderr);
    t.equal(deployed.stdout.match(/guardrelay-reader/g)?.length, 2);
    t.equal(examined.code, 0, examined.stdout + examined.stderr);
  },
);
