import t from 'tap';

import type { CheckResult } from '../../agent/deploy/checks/check.ts';
import type { LocalAws } from '../../agent/localaws/server.ts';
import type { Place } from '../../agent/localaws/service.ts';
import type { ErrorCode } from '../../agent/model/error.ts';
import { resultsIn, startCheckedWorld } from '../support/checked-world.ts';
import { ACCOUNT } from '../support/local-aws.ts';

const MEMBER = '444455556666';
const STRANGER = '777788889999';
const CODES: readonly ErrorCode[] = ['GD-001', 'GD-002', 'GD-003', 'GD-004', 'GD-005'];
const MEMBER_CODES: readonly ErrorCode[] = ['GD-004', 'MEM-001', 'MEM-002', 'MEM-003', 'MEM-004'];
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const PASSED = { kind: 'passed' };
const GONE: CheckResult = { kind: 'skipped', why: 'there is no GuardDuty detector (GD-001)' };

function placeIn(region: string, account = ACCOUNT): Place {
  return { account, region, partition: 'aws' };
}

function setDetector(aws: LocalAws, place: Place, settings: object): void {
  const { detectors } = aws.guardDuty;
  detectors.update(place, detectors.find(place)?.id ?? '', settings);
}

function dropDetector({ guardDuty: { detectors } }: LocalAws, place: Place): void {
  detectors.delete(place, detectors.find(place)?.id ?? '');
}

/** Makes one account the member of another. */
function join({ guardDuty: { members } }: LocalAws, administrator: Place, member: string): void {
  members.create(administrator, member, 'owner@example.com');
  members.invite(administrator, member);
  members.mark(administrator, member, 'Enabled');
}

t.test('GD-001, GD-002 a detector has to be there, enabled and quick to report', async (t) => {
  const regions = ['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2'];
  const world = await startCheckedWorld(t, regions);
  dropDetector(world.aws, placeIn('us-east-2'));
  setDetector(world.aws, placeIn('us-west-1'), { enabled: false });
  setDetector(world.aws, placeIn('us-west-2'), { frequency: 'SIX_HOURS' });

  const seen = await world.examine({ only: CODES });
  const unwanted = await world.examine({ only: CODES, settings: { collect: { findings: false } } });
  const foreign = await world.examine({ only: CODES, settings: { stack: { mode: 'existing' } } });

  t.same(
    resultsIn(seen, 'us-east-1'),
    { 'GD-001': PASSED, 'GD-002': PASSED },
    'others are for administrators',
  );
  t.match(resultsIn(seen, 'us-east-2'), {
    'GD-001': {
      kind: 'failed',
      code: 'GD-001',
      found: 'there is no GuardDuty detector',
      fix: 'aws guardduty create-detector --enable --finding-publishing-frequency FIFTEEN_MINUTES --region us-east-2',
      remedies: [{ action: 'guardduty:CreateDetector', caution: /costs money/ }],
    },
    'GD-002': GONE,
  });
  t.match(resultsIn(seen, 'us-west-1'), {
    'GD-001': {
      kind: 'failed',
      found: 'the GuardDuty detector is disabled',
      fix: /^aws guardduty update-detector --detector-id \$\(aws guardduty list-detectors .* --region us-west-1\) --enable --region us-west-1$/,
    },
    'GD-002': PASSED,
  });
  t.match(resultsIn(seen, 'us-west-2'), {
    'GD-001': PASSED,
    'GD-002': { kind: 'warned', code: 'GD-002', found: /every 6 hours$/, fix: /FIFTEEN_MINUTES/ },
  });
  t.same([unwanted.rows, foreign.rows], [[], []], 'whoever wants no findings needs no GuardDuty');
});

t.test('GD-003, GD-005 whoever reads an organization has to administer it', async (t) => {
  const regions = ['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'eu-west-1'];
  const world = await startCheckedWorld(t, regions);
  const { administration, detectors } = world.aws.guardDuty;
  world.aws.world.accounts.add({ id: STRANGER });
  administration.delegate(placeIn('us-east-1'), 'ALL');
  administration.delegate(placeIn('us-east-2'), 'NONE');
  detectors.create(placeIn('us-west-2', STRANGER), {});
  join(world.aws, placeIn('us-west-2', STRANGER), ACCOUNT);
  dropDetector(world.aws, placeIn('eu-west-1'));

  const seen = await world.examine({
    only: ['GD-003', 'GD-005'],
    settings: { topology: 'organization' },
  });

  t.same(resultsIn(seen, 'us-east-1'), { 'GD-003': PASSED, 'GD-005': PASSED });
  t.match(resultsIn(seen, 'us-east-2'), {
    'GD-003': PASSED,
    'GD-005': {
      kind: 'warned',
      code: 'GD-005',
      fix: /--auto-enable-organization-members NEW --region us-east-2$/,
    },
  });
  t.match(resultsIn(seen, 'us-west-1'), {
    'GD-003': {
      kind: 'failed',
      code: 'GD-003',
      found: /not the GuardDuty administrator/,
      fix: /^aws guardduty enable/,
    },
    'GD-005': { kind: 'skipped', why: /GD-003/ },
  });
  t.match(resultsIn(seen, 'us-west-2'), {
    'GD-003': { kind: 'failed', found: new RegExp(`a member of administrator ${STRANGER}`) },
  });
  t.same(resultsIn(seen, 'eu-west-1'), { 'GD-003': GONE, 'GD-005': GONE });
});

t.test('GD-003, GD-004 whoever reads members by invitation has to have them, and enabled', async (t) => {
  const regions = ['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'eu-west-1'];
  const world = await startCheckedWorld(t, regions);
  const { members } = world.aws.guardDuty;
  world.aws.world.accounts.add({ id: MEMBER });
  for (const region of ['us-east-1', 'us-west-1', 'us-west-2']) join(world.aws, placeIn(region), MEMBER);
  const many = Array.from({ length: 60 }, (_, at) => `${300_000_000_000 + at}`);
  for (const account of many) members.create(placeIn('us-west-1'), account, 'owner@example.com');
  members.create(placeIn('us-west-2'), '555566667777', 'new@example.com');
  dropDetector(world.aws, placeIn('eu-west-1'));

  const seen = await world.examine({ only: CODES, settings: { topology: 'administrator' } });

  const sound = { 'GD-001': PASSED, 'GD-002': PASSED, 'GD-003': PASSED };
  t.same(resultsIn(seen, 'us-east-1'), { ...sound, 'GD-004': PASSED });
  t.match(resultsIn(seen, 'us-east-2'), {
    'GD-003': { kind: 'failed', code: 'GD-003', found: /has no member accounts/ },
    'GD-004': PASSED,
  });
  t.match(resultsIn(seen, 'us-west-1'), {
    'GD-004': {
      kind: 'warned',
      code: 'GD-004',
      found: `60 of 61 accounts are not seen yet by GuardDuty: Created ${many.slice(0, 5).join(' ')} and 55 more`,
    },
  });
  t.match(resultsIn(seen, 'us-west-2'), {
    'GD-004': {
      kind: 'warned',
      found: /^1 of 2 accounts is not seen yet by GuardDuty: Created 555566667777$/,
    },
  });
  t.match(resultsIn(seen, 'eu-west-1'), { 'GD-003': GONE, 'GD-004': GONE });
});

interface MemberCase {
  readonly region: string;
  /** In the words of GuardDuty, or of one of its sisters. */
  readonly status: string;
  readonly code?: ErrorCode;
  readonly kind?: CheckResult['kind'];
  readonly found?: RegExp;
  readonly fix?: RegExp;
}

/** What GuardDuty says of a member that was invited just now. */
const MEMBER_CASES: readonly MemberCase[] = [
  { region: 'us-east-1', status: 'enabled' },
  { region: 'us-east-2', status: 'RegionDisabled' },
  { region: 'us-west-1', status: 'Invited', code: 'GD-004', kind: 'warned', fix: /GD-004\.md$/ },
  { region: 'us-west-2', status: 'Reinstated', code: 'GD-004', kind: 'warned', found: /: Reinstated 444/ },
  {
    region: 'eu-west-1',
    status: 'Disabled',
    code: 'MEM-002',
    kind: 'failed',
    found: /^1 of 1 accounts is paused in GuardDuty: Disabled 444455556666$/,
    fix: /^aws guardduty start-monitoring-members --detector-id \$\(.*\) --account-ids 444455556666 --region eu-west-1$/,
  },
  {
    region: 'eu-west-2',
    status: 'EMAILVERIFICATIONFAILED',
    code: 'MEM-003',
    kind: 'failed',
    found: /not known under the e-mail address of the invitation: EMAILVERIFICATIONFAILED 444455556666$/,
    fix: /^aws guardduty delete-members .* --account-ids 444455556666 --region eu-west-2 {3}\(then create/,
  },
  {
    region: 'eu-west-3',
    status: 'Resigned',
    code: 'MEM-004',
    kind: 'failed',
    found: /is no longer seen by GuardDuty: Resigned 444455556666$/,
    fix: /^aws guardduty invite-members .* --account-ids 444455556666 --region eu-west-3$/,
  },
  { region: 'eu-north-1', status: 'Removed', code: 'MEM-004', kind: 'failed', fix: /invite-members/ },
];

t.test(
  'MEM each member that is not seen is told of by one check, by what GuardDuty says of it',
  async (t) => {
    const world = await startCheckedWorld(
      t,
      MEMBER_CASES.map(({ region }) => region),
    );
    const { members } = world.aws.guardDuty;
    world.aws.world.accounts.add({ id: MEMBER });
    for (const { region, status } of MEMBER_CASES) {
      join(world.aws, placeIn(region), MEMBER);
      members.mark(placeIn(region), MEMBER, status);
    }
    const look = (topology: string) => world.examine({ only: MEMBER_CODES, settings: { topology } });

    const seen = await look('administrator');
    const alone = await look('standalone');

    for (const { region, status, code, ...result } of MEMBER_CASES) {
      const results = resultsIn(seen, region);
      t.same(Object.keys(results), MEMBER_CODES, region);
      for (const each of MEMBER_CODES) {
        const expected = each === code ? { ...result, code } : PASSED;
        t.match(results[each], expected, `${status}: ${each}`);
      }
    }
    t.same(alone.rows, []);
  },
);

t.test('MEM-001 whoever waits for more than 7 days is told of, with how to take it in', async (t) => {
  const world = await startCheckedWorld(t, ['us-east-1', 'us-east-2']);
  const { guardDuty, events } = world.aws;
  world.aws.world.accounts.add({ id: MEMBER });
  guardDuty.members.create(placeIn('us-east-1'), STRANGER, 'new@example.com');
  guardDuty.members.create(placeIn('us-east-1'), MEMBER, 'owner@example.com');
  guardDuty.members.invite(placeIn('us-east-1'), MEMBER);
  for (const region of ['us-east-1', 'us-east-2']) {
    events.rules(placeIn(region)).put({ name: 'guardrelay-heartbeat', scheduleExpression: 'rate(7 days)' });
  }
  const look = async (topology: string) =>
    resultsIn(await world.examine({ only: ['GD-004', 'MEM-001'], settings: { topology } }), 'us-east-1');

  await world.clock.advance(7 * DAY_MS - HOUR_MS);
  const young = await look('administrator');
  await world.clock.advance(HOUR_MS);
  const old = await look('administrator');
  const ofOrganization = await look('organization');

  t.match(young, { 'GD-004': { kind: 'warned' }, 'MEM-001': PASSED });
  t.match(old, {
    'GD-004': PASSED,
    'MEM-001': {
      kind: 'warned',
      code: 'MEM-001',
      found: `2 of 2 accounts are waiting for more than 7 days to be seen by GuardDuty: Created ${STRANGER}, Invited ${MEMBER}`,
      fix: new RegExp(
        `^aws guardduty invite-members .* --account-ids ${STRANGER} ${MEMBER} --region us-east-1$`,
      ),
    },
  });
  t.match(ofOrganization, {
    'MEM-001': {
      fix: /create-members .* --account-details AccountId=777788889999,Email=new@example\.com AccountId=444455556666,Email=owner@example\.com --region/,
    },
  });
});

t.test('without the rights nothing of GuardDuty is known', async (t) => {
  const world = await startCheckedWorld(t, ['us-east-1']);
  const refuse = (operation: string) => {
    const effect = { kind: 'error', code: 'AccessDeniedException', message: 'no' } as const;
    world.aws.world.faults.add({ service: 'guardduty', operation, effect });
  };
  const look = async () =>
    resultsIn(await world.examine({ only: CODES, settings: { topology: 'organization' } }), 'us-east-1');

  refuse('DescribeOrganizationConfiguration');
  refuse('ListMembers');
  const beyond = await look();
  refuse('GetAdministratorAccount');
  const alone = await look();
  refuse('GetDetector');
  const blind = await look();

  const skipped = (right: string) => ({ kind: 'skipped', right: `guardduty:${right}` });
  t.match(beyond, {
    'GD-001': PASSED,
    'GD-003': skipped('DescribeOrganizationConfiguration'),
    'GD-004': skipped('ListMembers'),
    'GD-005': skipped('DescribeOrganizationConfiguration'),
  });
  t.match(alone, { 'GD-003': skipped('GetAdministratorAccount') });
  t.match(blind, Object.fromEntries(CODES.map((code) => [code, skipped('GetDetector')])));
});
