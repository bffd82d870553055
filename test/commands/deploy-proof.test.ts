import t from 'tap';

import { readerScope } from '../support/aws-clients.ts';
import { type DeployCli, startDeployCli } from '../support/deploy-cli.ts';
import { MEMBER } from '../support/deployment.ts';
import { ACCOUNT } from '../support/local-aws.ts';

const QUICK = ['--poll-seconds', '0.1'];

/** Who deploys here is also who reads. */
function readable(cli: DeployCli): void {
  for (const account of [ACCOUNT, MEMBER]) readerScope(cli, account);
}

t.test('deploy is done when a heartbeat of each source was read as the agent reads it', async (t) => {
  const cli = await startDeployCli(t);
  readable(cli);

  const ran = await cli.run('deploy', '--yes', '--json', ...QUICK);
  const again = await cli.run('deploy', '--yes', '--json', '--wait-healthy', ...QUICK);

  t.equal(ran.code, 0, ran.stderr);
  t.match(ran.stderr, /✔ acme: 6 stacks deployed\.\n/);
  t.match(ran.stderr, /^\d\d:\d\d:\d\dZ proof \[6\/6\] acme \d+ \S+ PROVEN by=heartbeat$/m);
  t.match(ran.stderr, /✔ acme: 6 sources proven by heartbeat\.\n/);
  t.match(JSON.parse(ran.stdout).data, Array(6).fill({ status: 'succeeded', provenBy: 'heartbeat' }));
  t.equal(again.code, 0, again.stderr);
  t.match(JSON.parse(again.stdout).data, Array(6).fill({ status: 'unchanged', provenBy: 'heartbeat' }));
});

t.test('a source without a heartbeat ends the command with 6, the region and the next step', async (t) => {
  const cli = await startDeployCli(t);
  readable(cli);
  const effect = { kind: 'undeliverable' } as const;
  cli.aws.world.faults.add({ operation: 'Deliver', account: MEMBER, region: 'eu-west-1', effect });

  const ran = await cli.run('deploy', '--yes', '--timeout', '6s', ...QUICK);

  t.equal(ran.code, 6, ran.stderr);
  t.match(ran.stderr, /✖ acme: 5 of 6 sources proven\.\n {2}LOG-006 {2}222222222222: eu-west-1\n/);
  t.match(ran.stderr, /fix {3}guardrelay doctor --customer acme --region eu-west-1\n/);
  t.match(ran.stdout, /^acme\t222222222222\teu-west-1\tguardrelay\tcreate\tunproven\tLOG-006\t/m);
});

t.test('who deploys need not be able to read; who demands a proof must', async (t) => {
  const cli = await startDeployCli(t);

  const plain = await cli.run('deploy', '--yes', ...QUICK);
  const demanded = await cli.run('deploy', '--yes', '--wait-healthy', ...QUICK);
  const waived = await cli.run('deploy', '--yes', '--wait-healthy=false', ...QUICK);
  const both = await cli.run('deploy', '--yes', '--wait-healthy', '--detach');

  t.equal(plain.code, 0, plain.stderr);
  t.match(
    plain.stderr,
    /\? acme: 0 of 6 sources proven; with the credentials of this host they cannot be read\.\n {4}AWS {3}/,
  );
  t.equal(demanded.code, 5, demanded.stderr);
  t.match(demanded.stderr, /✖ acme: 0 of 6 sources proven\.\n {2}AUTH-002 /);
  t.equal(waived.code, 0, waived.stderr);
  t.notMatch(waived.stderr, /proven/);
  t.match(both, { code: 2, stderr: /CLI-001 .*--detach/ });
});

t.test('without heartbeats nothing is waited for, and that is said', async (t) => {
  const cli = await startDeployCli(t, { heartbeat: { mode: 'off' } });

  const ran = await cli.run('deploy', '--yes', ...QUICK);
  const demanded = await cli.run('deploy', '--yes', '--wait-healthy', ...QUICK);

  t.equal(ran.code, 0, ran.stderr);
  t.equal(demanded.code, 3, demanded.stderr);
  t.match(ran.stderr, /heartbeat\.mode is off, so nothing proves a source before its first event/);
});
