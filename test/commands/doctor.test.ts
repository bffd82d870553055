import t from 'tap';

import { EVERYTHING } from '../../agent/commands/doctor/agenda.ts';
import { examine } from '../../agent/commands/doctor/examine.ts';
import { createTally, SILENT_TALLY } from '../../agent/commands/doctor/progress.ts';
import type { CheckRow } from '../../agent/commands/doctor/rows.ts';
import { type DoctorView, doctorText } from '../../agent/commands/doctor/text.ts';
import type { CheckResult } from '../../agent/deploy/checks/check.ts';
import type { ErrorCode } from '../../agent/model/error.ts';
import { clientsOf } from '../support/aws-clients.ts';
import { configurationOf, customerOf, startCheckedWorld } from '../support/checked-world.ts';
import { runCli } from '../support/cli.ts';
import { placeIn, startDoctorScene } from '../support/doctor-scene.ts';
import { ACCOUNT } from '../support/local-aws.ts';
import { createVirtualClock, finish } from '../support/virtual-clock.ts';

const REGIONS = ['us-east-1', 'eu-west-1'];

t.test('a gate: 0 when all is well, 4 for what failed, 3 with --strict for what is not known', async (t) => {
  const scene = await startDoctorScene(t, REGIONS);
  const { world, events } = scene.aws;
  const rules = events.rules(placeIn('eu-west-1'));

  const sound = await scene.doctor('--strict', '--json');
  rules.put({ ...rules.get('guardrelay-findings'), state: 'DISABLED' });
  const refusal = { kind: 'error', code: 'AccessDeniedException', message: 'no' } as const;
  world.faults.add({ operation: 'DescribeResourcePolicies', effect: refusal });
  const [broken, other, skipped, strict] = await Promise.all([
    scene.doctor(),
    scene.doctor('--region', 'us-*', '-o', 'table'),
    scene.doctor('--only', 'log-003,AUTH-001'),
    scene.doctor('--only', 'LOG-003', '--account', ACCOUNT, '--strict', '--json'),
  ]);

  t.equal(sound.code, 0, sound.stderr);
  const { schema, summary, data } = JSON.parse(sound.stdout);
  t.match(
    { schema, summary },
    {
      schema: 'guardrelay.doctor/v1',
      summary: {
        checks: data.length,
        passed: data.length,
        failed: 0,
        warned: 0,
        skipped: 0,
        leftOut: [],
        exitCode: 0,
      },
    },
  );
  t.same(
    data.filter(({ destination }: Row) => destination === 'siem').map(({ check }: Row) => check),
    ['DST-002', 'DST-004'],
    'an address in clear text has no name and no TLS, and no record is sent',
  );
  t.match(
    data.find(({ check }: Row) => check === 'AUTH-003'),
    { result: 'passed', found: 'AWS refuses AssumeRole without the ExternalId' },
    'the confused deputy is seen to fail',
  );
  t.equal(broken.code, 4, broken.stderr);
  t.match(
    broken.stdout.split('\n').filter((line) => line.includes('\tfailed\t')),
    [
      `acme\t${ACCOUNT}\teu-west-1\t-\tEB-001\tfailed\tEB-001\trule guardrelay-findings is DISABLED\taws events`,
    ],
  );
  t.match(broken.stderr, /^\d+ checks in \d+\.\d s: \d+ passed, 1 failed, 2 skipped\.$/m);
  t.equal(other.code, 0, 'the other region is well');
  t.match(
    other.stdout,
    /^acme · 1 region · \d+ checks in \d+\.\d s\n ✔ Credentials {2}6\/6 +✔ ExternalId required {2}1\/1 /,
  );
  t.match(other.stdout, /^No problems\. 1 check could not be made\. {3}exit code 0$/m);
  t.notMatch(other.stdout, /Agent|Destination/, 'whoever names a region asks about AWS');
  t.match(skipped, {
    code: 0,
    stdout: /LOG-003\tskipped\t-\tthe right logs:DescribeResourcePolicies is missing/,
  });
  t.equal(strict.code, 3);
  t.same(
    JSON.parse(strict.stdout).data.map(({ region, result }: { region: string; result: string }) => [
      region,
      result,
    ]),
    REGIONS.map((region) => [region, 'skipped']),
  );
});

t.test('5 where the only trouble is that nobody is let in', async (t) => {
  const scene = await startDoctorScene(t, REGIONS);
  const env = { ...scene.env, EXTERNAL_ID: 'another-one-0123456789' };

  const locked = await runCli(['doctor', '--only', 'AUTH,EB'], { ...scene, env });

  t.equal(locked.code, 5, locked.stderr);
  t.match(locked.stdout, /AUTH-002\tfailed\tAUTH-002/);
  t.match(locked.stdout, /EB-001\tskipped\t-\tthe account lets nobody in/);
});

t.test('a record is sent when asked for, and only then', async (t) => {
  const scene = await startDoctorScene(t, REGIONS);

  const asked = await scene.doctor('--only', 'DST', '--send', '-o', 'table');
  const misled = await scene.doctor('--only', 'DST-005');

  t.equal(asked.code, 0, asked.stderr);
  t.match(asked.stdout, /^guardrelay · 3 checks in .* s\n ✔ Destination siem {2}3\/3 \(ack in \d+ ms\)\n/);
  const records = scene.siem.requests.filter(({ text }) => text.includes('destination.test'));
  t.equal(records.length, 1);
  t.match(misled, { code: 2, stderr: /Add --send/ });
});

t.test(
  'the first step that fails on the way to a destination is named, and those behind it are not tried',
  async (t) => {
    const scene = await startDoctorScene(t, ['us-east-1']);
    scene.siem.stop();

    const down = await scene.doctor('--only', 'DST', '--send', '-o', 'ndjson');

    t.equal(down.code, 4, down.stderr);
    const [version, ...rows] = down.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    t.same(version, { type: 'version', ui: '1.0' });
    t.match(rows, [
      {
        destination: 'siem',
        check: 'DST-002',
        result: 'failed',
        code: 'DST-002',
        fix: /^Start the receiver/,
      },
      { destination: 'siem', check: 'DST-004', result: 'skipped', why: 'not tried' },
      { destination: 'siem', check: 'DST-005', result: 'skipped', why: 'not tried' },
    ]);
  },
);

t.test('a fault of our own in one account says nothing of the others', async (t) => {
  const world = await startCheckedWorld(t, REGIONS);
  const customers = REGIONS.map((region, at) => ({
    ...customerOf({ regions: [region] }),
    id: `customer-${at}`,
  }));
  const { signal } = new AbortController();
  const only = ['AUTH-001', 'EB-001'] as const;

  const { rows } = await finish(
    world.clock,
    examine(customers, {
      ...{ clients: clientsOf(t, { ...world, keys: world.relay }), clock: world.clock, signal, only },
      ...{ agenda: EVERYTHING, tally: SILENT_TALLY },
      isChosen(region) {
        if (region === REGIONS[0]) throw new Error('out of order');
        return true;
      },
    }),
  );

  t.match(rows, [
    {
      customer: 'customer-0',
      check: 'AUTH-006',
      result: { kind: 'failed', code: 'INT-001', found: /out of order/ },
    },
    { customer: 'customer-1', check: 'AUTH-001', result: { kind: 'passed' } },
    { customer: 'customer-1', check: 'EB-001', result: { kind: 'passed' } },
  ]);
});

t.test(
  'a look that takes longer than a second tells how far it is: a bar on a terminal, else a line now and then',
  async (t) => {
    const clock = createVirtualClock();
    const told: Record<'terminal' | 'file', string[]> = { terminal: [], file: [] };
    const tallies = [
      createTally(
        { isTTY: true, columns: 40, write: (text) => told.terminal.push(String(text)) > 0 },
        clock,
        {},
      ),
      createTally({ isTTY: false, columns: 0, write: (text) => told.file.push(String(text)) > 0 }, clock, {}),
    ];

    for (const tally of tallies) tally.expect(1_000);
    for (let second = 0; second < 24; second += 1) {
      await clock.advance(500);
      for (const tally of tallies) tally.done();
    }
    for (const tally of tallies) tally.end();

    t.same(told.file, [
      'doctor: 2 of 1000 accounts and log groups\n',
      'doctor: 22 of 1000 accounts and log groups\n',
    ]);
    t.equal(told.terminal.length, 24, 'nothing in the first second, and the line is taken away');
    t.equal(told.terminal[0], '\r\u001b[2Kdoctor: 2 of 1000 accounts and log gro…');
    t.equal(told.terminal.at(-1), '\r\u001b[2K');
  },
);

t.test('what does not exist cannot be checked', async (t) => {
  const cwd = t.testdir({ 'guardrelay.yaml': configurationOf({ regions: REGIONS }) });

  const [code, account] = await Promise.all([
    runCli(['doctor', '--only', 'EB-01'], { cwd }),
    runCli(['doctor', '--account', '123456789012'], { cwd }),
  ]);

  t.match(code, { code: 2, stderr: /There is no check "EB-01"; did you mean EB-001\?/ });
  t.match(account, {
    code: 2,
    stderr: new RegExp(`no account "123456789012".*Name one of: ${ACCOUNT}`, 's'),
  });
});

interface Row {
  readonly check: string;
  readonly destination?: string;
}

const VIEW: DoctorView = { width: 80, color: false, tookMs: 6_240, exitCode: 4 };

function row(check: ErrorCode, result: CheckResult, region?: string): CheckRow {
  return { customer: 'acme', account: ACCOUNT, check, result, ...(region === undefined ? {} : { region }) };
}

t.test('people see each problem once, with all its places, and a fix that survives being copied', (t) => {
  const passed = { kind: 'passed' } as const;
  const why = 'the right events:ListTargetsByRule is missing';
  const disabled = (region: string): CheckResult => ({
    kind: 'failed',
    code: 'EB-001',
    found: 'rule guardrelay-findings is DISABLED',
    fix: `aws events enable-rule --name guardrelay-findings --region ${region}`,
  });
  const refused: CheckResult = {
    kind: 'failed',
    code: 'AUTH-006',
    found: 'DescribeLogGroups in eu-west-3: AWS refuses this call (\u001b[31mno\nmore, request 1-2)',
    fix: 'Allow it.',
  };
  const rows = [
    row('AUTH-001', passed),
    row('AUTH-006', refused, 'eu-west-3'),
    ...['eu-west-1', 'eu-west-2'].flatMap((region) => [
      row('EB-001', disabled(region), region),
      row('EB-002', { kind: 'skipped', why, right: 'events:ListTargetsByRule' }, region),
    ]),
    row('LOG-001', passed, 'eu-west-1'),
  ];

  const text = doctorText({ rows, leftOut: [] }, VIEW);

  t.equal(
    text,
    [
      'acme · 3 regions · 7 checks in 6.2 s',
      ' ✖ Credentials  1/2   ✖ Rules  0/4         ✔ Log groups  1/1',
      '',
      ' ✖ AUTH-006 DescribeLogGroups in eu-west-3: AWS refuses this call',
      '            (\\x1b[31mno\\x0amore, request 1-2)',
      `            in    ${ACCOUNT}: eu-west-3`,
      '            fix   Allow it.',
      '            docs  docs/errors/AUTH-006.md',
      '',
      ' ✖ EB-001   rule guardrelay-findings is DISABLED',
      `            in    ${ACCOUNT}: eu-west-1 eu-west-2`,
      '            fix   aws events enable-rule --name guardrelay-findings --region $REGION',
      '            docs  docs/errors/EB-001.md',
      '',
      ' · skipped  EB-002: the right events:ListTargetsByRule is missing',
      `            in    ${ACCOUNT}: eu-west-1 eu-west-2`,
      '',
      'Missing rights: the template of the reader role gives them all with AllowDoctor',
      '(guardrelay template print --for reader-role).',
      '',
      '2 problems: 2 failed. 2 checks could not be made.   exit code 4',
      '',
    ].join('\n'),
  );
  t.end();
});

t.test('warnings come after failures, and a thing of one region stands once for all that need it', (t) => {
  const fix = 'aws cloudtrail start-logging --name audit --region us-east-1';
  const stopped: CheckResult = { kind: 'warned', code: 'CT-001', found: 'logging is off', fix };
  const missing: CheckResult = { kind: 'failed', code: 'GD-001', found: 'no detector', fix: 'Create one.' };
  const rows = [
    ...['us-east-1', 'eu-west-1'].map((region) => row('CT-001', stopped, region)),
    row('GD-001', missing, 'eu-west-1'),
  ];

  const text = doctorText({ rows, leftOut: [] }, { ...VIEW, width: 40 });

  t.equal(
    text,
    [
      'acme · 2 regions · 3 checks in 6.2 s',
      ' ✖ GuardDuty  0/1    ⚠ CloudTrail  0/2',
      '',
      ' ✖ GD-001   no detector',
      `            in    ${ACCOUNT}:`,
      '                  eu-west-1',
      '            fix   Create one.',
      '            docs  docs/errors/GD-001.md',
      '',
      ' ⚠ CT-001   logging is off',
      `            in    ${ACCOUNT}:`,
      '                  us-east-1 eu-west-1',
      `            fix   ${fix}`,
      '            docs  docs/errors/CT-001.md',
      '',
      '2 problems: 1 failed, 1 warning.   exit code 4',
      '',
    ].join('\n'),
  );
  t.end();
});

t.test('many customers are folded into one report: each problem once, what one command repairs once', (t) => {
  const deploy = (customer: string, code: ErrorCode): CheckResult => ({
    kind: 'failed',
    code,
    found: `${code} is not there`,
    fix: `guardrelay deploy --customer ${customer}   (nothing to do there? docs/errors/${code}.md)`,
  });
  const disabled = (region: string): CheckResult => ({
    kind: 'failed',
    code: 'GD-001',
    found: 'there is no GuardDuty detector',
    fix: `aws guardduty create-detector --region ${region}`,
    remedies: [
      {
        ...{ description: 'switch GuardDuty on', command: '', place: { account: ACCOUNT, region } },
        ...{ action: 'guardduty:CreateDetector', resource: '*', caution: 'GuardDuty costs money.' },
        apply: async () => {},
      },
    ],
  });
  const why = 'there is no GuardDuty detector (GD-001)';
  const regions = ['eu-west-1', 'eu-west-2'];
  const rows = ['acme', 'globex', 'hooli'].flatMap((customer) =>
    regions.flatMap((region) =>
      customer === 'hooli'
        ? [{ ...row('EB-001', { kind: 'passed' }, region), customer }]
        : [
            { ...row('EB-001', deploy(customer, 'EB-001'), region), customer },
            { ...row('LOG-001', deploy(customer, 'LOG-001'), region), customer },
            { ...row('GD-001', disabled(region), region), customer },
            { ...row('GD-002', { kind: 'skipped', why }, region), customer },
          ],
    ),
  );
  const off = { account: ACCOUNT, region: 'me-south-1', code: 'REG-001', isGuess: false } as const;
  const leftOut = ['acme', 'globex'].map((customer) => ({ ...off, customer, reason: 'Bahrain is off' }));

  const text = doctorText({ rows, leftOut }, VIEW);

  t.equal(
    text,
    [
      '3 customers · 2 regions · 18 checks in 6.2 s',
      ' ✖ GuardDuty  0/8    ✖ Rules  2/6        ✖ Log groups  0/4',
      '',
      ' ✖ EB-001   EB-001 is not there',
      '   LOG-001  LOG-001 is not there',
      '            in    acme globex: eu-west-1 eu-west-2',
      '            fix   guardrelay deploy --customer $CUSTOMER',
      '            docs  docs/errors/EB-001.md docs/errors/LOG-001.md',
      '',
      ' ✖ GD-001   there is no GuardDuty detector',
      '            in    acme globex: eu-west-1 eu-west-2',
      '            fix   guardrelay doctor --fix --only GD-001',
      '                  asks first. GuardDuty costs money.',
      '            or    aws guardduty create-detector --region $REGION',
      '            docs  docs/errors/GD-001.md',
      '',
      ' · skipped  GD-002: there is no GuardDuty detector (GD-001)',
      '',
      ' · left out REG-001: the region is not enabled in the account',
      '            in    acme globex: me-south-1',
      '',
      '2 of 3 customers have a failure: acme globex',
      '2 problems: 2 failed. 4 checks could not be made.   exit code 4',
      '',
    ].join('\n'),
  );
  t.end();
});
