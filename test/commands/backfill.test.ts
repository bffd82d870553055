import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateDetectorCommand,
  CreateSampleFindingsCommand,
  GuardDutyClient,
} from '@aws-sdk/client-guardduty';
import t, { type Test } from 'tap';

import { until } from '../peers/support/until.ts';
import {
  ADMIN,
  addReader,
  GROUP,
  linesOf,
  MEMBER,
  placeOf,
  REGIONS,
  type Scene,
  setScene,
} from '../support/agent-cli.ts';
import { startCli } from '../support/cli.ts';

const READ_FINDINGS = ['guardduty:ListDetectors', 'guardduty:ListFindings', 'guardduty:GetFindings'];
const DAY_MS = 86_400_000;
const ALL = ['backfill', '--from-findings', '90d'];
/** Samples of every kind of resource. */
const SAMPLES = 8;

interface Detected extends Scene {
  /** GuardDuty of the first region, as the customer uses it. */
  readonly guardDuty: GuardDutyClient;
  readonly detectorId: string;
}

/** The first region has a detector, the second none; the reader role may read findings. */
async function detect(t: Test, overrides: object = {}, ofCustomer: object = {}): Promise<Detected> {
  const scene = await setScene(t, overrides, ofCustomer);
  const { aws, env } = scene;
  addReader(aws, env.EXTERNAL_ID ?? '', READ_FINDINGS);
  const credentials = aws.world.principals.addUser(ADMIN, 'owner');
  const guardDuty = new GuardDutyClient({ endpoint: aws.url, region: REGIONS[0] ?? '', credentials });
  const { DetectorId: detectorId = '' } = await guardDuty.send(new CreateDetectorCommand({ Enable: true }));
  return { ...scene, guardDuty, detectorId };
}

async function sample({ guardDuty, detectorId }: Detected): Promise<void> {
  await guardDuty.send(new CreateSampleFindingsCommand({ DetectorId: detectorId }));
}

/** Findings of the member, one each second, the last of them now minus `ageMs`. */
function report({ aws, detectorId }: Detected, count: number, ageMs = 0): void {
  for (let number = 0; number < count; number += 1) {
    const at = new Date(Date.now() - ageMs - (count - 1 - number) * 1_000).toISOString();
    const id = `f-${ageMs}-${number}`;
    aws.guardDuty.findings.report(placeOf(REGIONS[0] ?? ''), {
      ...{ id, accountId: MEMBER, type: 'Recon:EC2/Portscan', severity: 5, createdAt: at, updatedAt: at },
      arn: `arn:aws:guardduty:eu-west-1:${MEMBER}:detector/${detectorId}/finding/${id}`,
      service: { serviceName: 'guardduty', count: 1 },
    });
  }
}

/** What the regional stack makes: a rule that sends findings to the log group. */
function collectLive({ aws }: Detected): void {
  for (const place of REGIONS.map(placeOf)) {
    aws.logs.groups(place).create({ name: GROUP });
    const principal = { Service: ['events.amazonaws.com', 'delivery.logs.amazonaws.com'] };
    const statement = { Effect: 'Allow', Principal: principal, Action: 'logs:*', Resource: '*' };
    aws.logs.policies(place).putForAccount('all', JSON.stringify({ Statement: statement }));
    const rules = aws.events.rules(place);
    rules.put({ name: 'findings', eventPattern: '{"detail-type":["GuardDuty Finding"]}' });
    const arn = `arn:aws:logs:${place.region}:${place.account}:log-group:${GROUP}`;
    rules.addTargets('findings', [{ Id: 'logs', Arn: arn }]);
  }
}

function recordsOf({ siem }: Scene) {
  return linesOf(siem)
    .map((line) => JSON.parse(line))
    .toSorted((one, other) => one.key.localeCompare(other.key));
}

/** The SDK leaves out what its model does not name; that a finding is a sample stands in `value` too. */
function asTheSdkKnowsIt(detail: Finding): object {
  const { additionalInfo, ...service } = detail.service;
  if (!additionalInfo) return detail;
  const { sample: _, ...modelled } = additionalInfo;
  return { ...detail, service: { ...service, additionalInfo: modelled } };
}

interface Finding {
  readonly service: { readonly additionalInfo?: { readonly sample?: boolean } };
}

t.test('GuardDuty is asked in every region, also where a hub has the only log group', async (t) => {
  const [region, hubRegion] = REGIONS;
  const scene = await detect(t, {}, { stack: { hubRegion } });
  report(scene, 1);

  const pass = await scene.guardrelay(...ALL);

  t.equal(pass.code, 0, pass.stderr);
  t.match(recordsOf(scene), [{ region, kind: 'finding' }]);
});

t.test('a finding that comes by both ways is one and the same for the SIEM', async (t) => {
  const scene = await detect(t);
  const { siem, guardrelay } = scene;
  collectLive(scene);
  await sample(scene);
  report(scene, 1);
  const live = await guardrelay('run', '--once');
  const fromLog = recordsOf(scene);
  siem.requests.length = 0;

  const pass = await guardrelay(...ALL);
  const fromGuardDuty = recordsOf(scene);

  t.equal(live.code, 0, live.stderr);
  t.equal(pass.code, 0, pass.stderr);
  t.equal(fromGuardDuty.length, SAMPLES + 1);
  for (const name of [
    'customerName',
    'customerTags',
    'key',
    'account',
    'adminAccount',
    'region',
    'kind',
    'type',
    'severity',
    'id',
    'links',
    '@timestamp',
  ]) {
    t.same(
      fromGuardDuty.map((record) => record[name]),
      fromLog.map((record) => record[name]),
      name,
    );
  }
  t.same(
    fromGuardDuty.map(({ event }) => event),
    fromLog.map(({ event }) => asTheSdkKnowsIt(event.detail)),
    'in wire names',
  );
  const notes = { customerName: 'Acme, Inc.', customerTags: { tier: 'gold' } };
  t.match(fromLog, Array(fromLog.length).fill(notes), 'with what the configuration says of the customer');
  t.same([...new Set(fromGuardDuty.map(({ backfill }) => backfill))], [true], 'marked');
  t.same([...new Set(fromLog.map(({ backfill }) => backfill))], [undefined]);
});

t.test('every page of the span is read, and nothing older', async (t) => {
  const scene = await detect(t);
  report(scene, 51);
  report(scene, 1, 8 * DAY_MS);

  const pass = await scene.guardrelay('backfill', '--from-findings', '7d', '--json');
  const { summary, data } = JSON.parse(pass.stdout);

  t.equal(pass.code, 0, pass.stderr);
  t.match(summary, { dryRun: false, found: 51, delivered: 51, quarantined: 0, undelivered: 0 });
  t.match(data, [
    { customer: 'acme', account: ADMIN, region: 'eu-west-1', detectors: 1, found: 51 },
    { region: 'us-east-1', detectors: 0, found: 0, destinations: { siem: { delivered: 0 } } },
  ]);
  t.equal(new Set(recordsOf(scene).map(({ key }) => key)).size, 51);
  t.match(pass.stderr, '51 findings in 2 of 2 regions; 51 delivered, 0 quarantined, 0 not sent.');
  t.notOk(existsSync(join(scene.cwd, 'state', 'state.db')), 'no checkpoint is touched');
});

t.test('S35 a region with two log groups is asked for its findings once', async (t) => {
  const stack = { mode: 'existing', logGroup: '/aws/events/guard*' };
  const scene = await detect(t, { defaults: { stack } });
  const [region = '', without = ''] = REGIONS;
  for (const name of [GROUP, `${GROUP}-two`]) scene.aws.logs.groups(placeOf(region)).create({ name });
  report(scene, 2);

  const pass = await scene.guardrelay(...ALL);

  t.equal(pass.code, 0, pass.stderr);
  t.equal(recordsOf(scene).length, 2);
  t.match(pass.stderr, `LOG-001 no log group in ${ADMIN} ${without} has a name like ${stack.logGroup}`);

  const effect = { kind: 'error', code: 'AccessDeniedException', message: 'no' } as const;
  scene.aws.world.faults.add({ operation: 'DescribeLogGroups', region: without, effect });
  const partly = await scene.guardrelay(...ALL, '--dry-run');

  t.equal(partly.code, 7, 'there may be groups that it could not list');
});

t.test('a dry run counts and sends nothing', async (t) => {
  const scene = await detect(t);
  const { siem, guardrelay } = scene;
  await sample(scene);

  const dry = await guardrelay(...ALL, '--dry-run', '--output', 'plain');

  t.equal(dry.code, 0, dry.stderr);
  t.equal(siem.requests.length, 0);
  t.match(dry.stderr, '8 findings in 2 of 2 regions; 8 deliveries would be made.');
  t.match(dry.stdout, /eu-west-1\t8\t0\t0\t8\t\n/);
  t.match(dry.stdout, /us-east-1\t0\t0\t0\t0\tGuardDuty is off here\n/);
});

t.test(
  'a region that refuses leaves the others alone, and what was read before a failure is sent',
  async (t) => {
    const scene = await detect(t);
    report(scene, 101);
    const { faults } = scene.aws.world;
    const effect = { kind: 'error', code: 'AccessDeniedException', message: 'no' } as const;
    faults.add({ service: 'guardduty', region: 'us-east-1', effect });
    faults.add({ service: 'guardduty', operation: 'GetFindings', after: 1, effect });

    const pass = await scene.guardrelay(...ALL, '--json');

    t.equal(pass.code, 7, pass.stderr);
    t.match(JSON.parse(pass.stdout).data, [
      { found: 100, destinations: { siem: { delivered: 50 } }, code: 'AUTH-006', reason: /GetFindings/ },
      { found: 0, code: 'AUTH-006', reason: /ListDetectors of 111111111111 us-east-1/ },
    ]);
    t.equal(recordsOf(scene).length, 50);
  },
);

t.test('exit codes tell what the SIEM did', async (t) => {
  const scene = await detect(t);
  const { siem, cwd, env, guardrelay } = scene;
  await sample(scene);

  siem.answer = () => ({ status: 401 });
  const blocked = await guardrelay(...ALL, '--json');
  siem.answer = () => ({ status: 503 });
  const away = await guardrelay(...ALL, '--timeout', '1');
  siem.requests.length = 0;
  const child = await startCli(ALL, { cwd, env });
  t.teardown(() => child.end('SIGKILL'));
  await until('the SIEM was asked', () => siem.requests.length > 0);
  const stopped = await child.end('SIGINT');

  t.same([blocked.code, away.code, stopped.code], [4, 6, 130], blocked.stderr + away.stderr);
  const [place] = JSON.parse(blocked.stdout).data;
  t.match(place, { destinations: { siem: { delivered: 0, undelivered: SAMPLES } } });
});

t.test('a destination that is misspelt is refused, with what was meant', async (t) => {
  const { guardrelay } = await setScene(t);

  const { code, stderr } = await guardrelay(...ALL, '--dest', 'sime');

  t.equal(code, 2);
  t.match(stderr, /no destination "sime"; did you mean siem\?/);
});
