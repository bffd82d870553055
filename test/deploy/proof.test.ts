import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import t, { type Test } from 'tap';
import { z } from 'zod';

import { createProofSite } from '../../agent/commands/deploy/proof-site.ts';
import type { ProgressStep } from '../../agent/console/terminal/progress.ts';
import { type Proof, type ProofSubject, prove } from '../../agent/deploy/proof.ts';
import { scopeOf } from '../../agent/discover/customer.ts';
import type { Clock } from '../../agent/model/clock.ts';
import { discoverCustomer } from '../../agent/relay/discover-customer.ts';
import { clientsOf, readerScope } from '../support/aws-clients.ts';
import { COLLECTOR } from '../support/deploy-request.ts';
import { collector, forwarding, MEMBER, PLACES, startDeployment } from '../support/deployment.ts';
import { customerOf } from '../support/fleet-scene.ts';
import { ACCOUNT } from '../support/local-aws.ts';
import { networkRest } from '../support/network-rest.ts';
import { createVirtualClock, finish } from '../support/virtual-clock.ts';

const MINUTE_MS = 60_000;
const envelope = z.object({ source: z.string(), time: z.string() });
const REFUSAL = {
  kind: 'error',
  code: 'AccessDeniedException',
  message: 'explicit deny in a service control policy',
} as const;

interface Wishes {
  /** Absent: what came before now proves nothing. */
  readonly since?: number;
  readonly limitMs?: number;
  readonly clock?: Clock;
}

/** A collector in two accounts and three regions each, and who reads them. */
async function startProof(t: Test, hub?: string) {
  const deployment = await startDeployment(t, createVirtualClock(undefined, networkRest));
  for (const account of [ACCOUNT, MEMBER]) readerScope(deployment, account);
  await deployment.deploy(
    hub === undefined
      ? {}
      : { collector: await collector({}, { hubRegion: hub }), forwarding: await forwarding(hub) },
  );
  const clients = clientsOf(t, deployment);
  const customer = customerOf([ACCOUNT, MEMBER]);
  const actions: string[] = [];
  deployment.aws.watch(({ action }) => void actions.push(action));
  const steps: ProgressStep[] = [];
  const view = { begin() {}, note() {}, end() {}, step: (step: ProgressStep) => steps.push(step) };

  async function run({ since, limitMs = 10 * MINUTE_MS, clock = deployment.clock }: Wishes = {}) {
    const stop = new AbortController();
    void deployment.clock.sleep(limitMs, stop.signal).then(() => stop.abort());
    const subjects = PLACES.map(({ account, region }): ProofSubject => {
      const source = { customer: 'acme', account, region, partition: 'aws', logGroup: COLLECTOR.logGroup };
      const scope = scopeOf(discoverCustomer(customer), account);
      const logs = { ...source, region: hub ?? region };
      return { source, logs, scope, since: since ?? clock.now() };
    });
    const pace = { firstMs: 5_000, longestMs: 30_000 };
    const site = createProofSite([customer], { clients, clock, signal: stop.signal, pace, view });
    const beganAt = deployment.clock.monotonic();
    const proofs = await finish(deployment.clock, prove(subjects, site));
    stop.abort();
    return { proofs, minutes: (deployment.clock.monotonic() - beganAt) / MINUTE_MS };
  }
  return { ...deployment, actions, steps, run };
}

function summary(proofs: readonly Proof[]): string[] {
  return proofs.map(({ source: { account, region }, verdict }) => {
    const why = 'code' in verdict ? ` ${verdict.code}` : '';
    return `${account === MEMBER ? 'member' : 'admin'} ${region} ${verdict.kind}${why}`;
  });
}

t.test('a heartbeat that is read with the role of the reader proves each source', async (t) => {
  const { run, actions, steps } = await startProof(t);

  const { proofs, minutes } = await run();

  t.ok(proofs.every(({ verdict }) => verdict.kind === 'proven' && verdict.by === 'heartbeat'));
  t.equal(proofs.length, PLACES.length);
  t.ok(minutes < 6, `${minutes} minutes`);
  t.match(steps, Array(6).fill({ state: 'PROVEN', detail: 'by=heartbeat' }));
  t.same([...new Set(actions)].sort(), ['logs:FilterLogEvents', 'sts:AssumeRole', 'sts:GetCallerIdentity']);
});

t.test('the looks become rarer with time', async (t) => {
  const { run, actions } = await startProof(t);

  await run();

  const looks = actions.filter((action) => action === 'logs:FilterLogEvents').length / PLACES.length;
  t.ok(looks >= 2 && looks <= 16, `${looks} looks in 5 minutes at each source`);
});

t.test('heartbeats from before do not prove what was changed since', async (t) => {
  const { run, clock, aws } = await startProof(t);
  await clock.advance(6 * MINUTE_MS);
  aws.world.faults.add({ operation: 'Deliver', effect: { kind: 'undeliverable' } });

  const changed = await run({ since: clock.now(), limitMs: 7 * MINUTE_MS });
  const unchanged = await run({ since: clock.now() - 15 * MINUTE_MS });

  t.ok(changed.proofs.every(({ verdict }) => verdict.kind === 'unseen'));
  t.ok(unchanged.proofs.every(({ verdict }) => verdict.kind === 'proven'));
  t.ok(unchanged.minutes < 0.1, 'at the first look');
});

t.test('each region is proved by its own heartbeat, also where a hub has the only log group', async (t) => {
  const { run, aws } = await startProof(t, 'eu-central-1');
  const effect = { kind: 'undeliverable' } as const;
  aws.world.faults.add({ operation: 'Deliver', account: MEMBER, region: 'eu-west-1', effect });

  const { proofs } = await run();

  const unseen = summary(proofs).filter((text) => !text.endsWith('proven'));
  t.same(unseen, ['member eu-west-1 unseen']);
});

t.test('a region whose heartbeat never comes is named when the time is over, and no other', async (t) => {
  const { run, aws } = await startProof(t);
  const effect = { kind: 'undeliverable' } as const;
  aws.world.faults.add({ operation: 'Deliver', account: MEMBER, region: 'eu-west-1', effect });

  const { proofs, minutes } = await run();

  t.same(
    summary(proofs).filter((line) => !line.endsWith('proven')),
    ['member eu-west-1 unseen'],
  );
  t.equal(minutes, 10);
});

t.test('a region that refuses to be read is known before the time is over', async (t) => {
  const { run, aws, steps } = await startProof(t);
  aws.world.faults.add({ operation: 'FilterLogEvents', region: 'eu-west-1', effect: REFUSAL });

  const { proofs, minutes } = await run();

  t.same(
    summary(proofs).filter((line) => !line.endsWith('proven')),
    ['admin eu-west-1 refused AUTH-006', 'member eu-west-1 refused AUTH-006'],
  );
  t.ok(minutes < 6, `${minutes} minutes`);
  t.match(
    steps.find(({ outcome }) => outcome === 'bad'),
    { state: 'UNPROVEN', detail: /explicit deny .* code=AUTH-006$/ },
  );
});

t.test('a refusal that passes is waited out: rights are not known everywhere at once', async (t) => {
  const { run, aws } = await startProof(t);
  aws.world.faults.add({ operation: 'FilterLogEvents', region: 'eu-west-1', times: 6, effect: REFUSAL });
  aws.world.faults.add({ operation: 'AssumeRole', times: 2, effect: REFUSAL });

  const { proofs } = await run();

  t.ok(proofs.every(({ verdict }) => verdict.kind === 'proven'));
});

t.test('D18 a role that lets in whoever asks is refused, and nothing is read with it', async (t) => {
  const { run, aws, actions } = await startProof(t);
  const role = aws.world.principals.role(MEMBER, 'GuardRelayReader');
  const trust = { Statement: { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' } };
  if (role) aws.world.principals.putRole({ ...role, trust });

  const { proofs } = await run();

  t.same(summary(proofs), [
    'admin us-east-1 proven',
    'admin eu-west-1 proven',
    'admin eu-central-1 proven',
    'member us-east-1 refused AUTH-003',
    'member eu-west-1 refused AUTH-003',
    'member eu-central-1 refused AUTH-003',
  ]);
  const reads = actions.filter((action) => action === 'logs:FilterLogEvents').length;
  t.equal(reads % 3, 0, 'three regions are read');
});

t.test('who cannot become the reader learns it soon, and proves nothing', async (t) => {
  const { run, aws } = await startProof(t);
  aws.world.principals.deleteRole(MEMBER, 'GuardRelayReader');

  const { proofs } = await run();

  t.same(
    summary(proofs).slice(3),
    ['us-east-1', 'eu-west-1', 'eu-central-1'].map((region) => `member ${region} locked AUTH-002`),
  );
});

t.test('who has no time left has seen nothing, and says nothing else', async (t) => {
  const { run, aws } = await startProof(t);
  aws.world.principals.deleteRole(MEMBER, 'GuardRelayReader');

  const { proofs } = await run({ limitMs: 0 });

  t.ok(proofs.every(({ verdict }) => verdict.kind === 'unseen'));
});

t.test('a wrong clock of this host neither proves too much nor waits too long', async (t) => {
  const { run, clock } = await startProof(t);
  await clock.advance(6 * MINUTE_MS);
  const shifted = (ms: number): Clock => ({ ...clock, now: () => clock.now() + ms });

  const ahead = await run({ clock: shifted(60 * MINUTE_MS) });
  const behind = await run({ clock: shifted(-60 * MINUTE_MS) });

  for (const { proofs, minutes } of [ahead, behind]) {
    t.ok(proofs.every(({ verdict }) => verdict.kind === 'proven'));
    t.ok(minutes > 0 && minutes < 6, `${minutes} minutes`);
  }
});

t.test(
  'a change of the configuration is proven as well as a new stack, by whatever the rules send',
  async (t) => {
    const { run, deploy, aws, clock } = await startProof(t);
    await deploy({ collector: await collector({ owner: 'soc' }) });
    const place = { account: MEMBER, region: 'eu-west-1', partition: 'aws' };
    const detail = { id: 'c-1' };
    aws.logs.insert(place, COLLECTOR.logGroup, [
      {
        timestamp: clock.now() + 1_000,
        message: JSON.stringify({ source: 'guardrelay.canary', 'detail-type': 'Canary', detail }),
      },
      { timestamp: clock.now() + 1_000, message: 'whatever' },
    ]);

    const { proofs } = await run();

    const kinds = proofs.map(({ verdict }) => (verdict.kind === 'proven' ? verdict.by : verdict.kind));
    t.same(kinds.toSorted(), ['canary', ...Array(5).fill('heartbeat')]);
  },
);

t.test(
  'D30 what the deployed rules bring has the time of the event: a heartbeat every 5 minutes, a canary',
  async (t) => {
    const { clock, config } = await startProof(t);
    const startedAt = clock.now();
    const client = config({ region: 'eu-west-1' });
    await clock.advance(11 * MINUTE_MS);
    const Time = new Date(clock.now());
    const canary = {
      Source: 'guardrelay.canary',
      DetailType: 'Canary',
      Detail: JSON.stringify({ id: 'c-1' }),
    };

    await new EventBridgeClient(client).send(new PutEventsCommand({ Entries: [{ ...canary, Time }] }));
    await clock.advance(5 * MINUTE_MS);

    const read = new FilterLogEventsCommand({ logGroupName: COLLECTOR.logGroup });
    const { events = [] } = await new CloudWatchLogsClient(client).send(read);
    const rows = events.map(({ message = '', timestamp = 0 }) => ({
      ...envelope.parse(JSON.parse(message)),
      timestamp,
    }));
    const heartbeats = rows.filter(({ source }) => source === 'aws.events');
    const sent = rows.find(({ source }) => source === 'guardrelay.canary');
    t.equal(heartbeats.length, 3);
    t.same(
      heartbeats.map(({ timestamp }) =>
        Math.round((timestamp - (heartbeats[0]?.timestamp ?? 0)) / MINUTE_MS),
      ),
      [0, 5, 10],
    );
    t.ok(heartbeats.every(({ time, timestamp }) => Date.parse(time) === timestamp && timestamp > startedAt));
    t.equal(sent?.timestamp, Math.floor(Time.getTime() / 1000) * 1000);
  },
);
