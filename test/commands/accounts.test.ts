import { writeFileSync } from 'node:fs';
import t from 'tap';

import {
  ADMIN,
  addressOf,
  LAB,
  LAKE,
  MEMBER_ROLE,
  makeMembers,
  PAY,
  placeIn,
  startMembersScene,
} from '../support/members-scene.ts';

const LIST = `Account ID,Email,Name\n${PAY},${addressOf(PAY)},payments-prod\n${LAB},${addressOf(LAB)},dev-lab\n`;
const IN_MEMBERS = ['--role-arn', MEMBER_ROLE];
const OWNERS = { 'eu-west-1': placeIn('eu-west-1'), 'us-east-1': placeIn('us-east-1') };

t.test('accounts are invited in every region, accept there, and are members', async (t) => {
  const { aws, clock, guardrelay } = await startMembersScene(
    t,
    `${LIST}${LAKE},wrong@acme.example,data-lake\n`,
  );
  const calls: string[] = [];
  aws.watch(({ action }) => calls.push(action));
  const invite = () => guardrelay('accounts', 'invite', '--all', '--message', 'From your SOC', '--json');

  const first = await invite();
  await clock.advance(1_000);
  const before = await guardrelay('accounts', 'status', '-o', 'table');
  const accepted = await guardrelay(
    'accounts',
    'accept',
    '--account',
    `${PAY},${LAB}`,
    ...IN_MEMBERS,
    '--json',
  );
  calls.length = 0;
  const again = await invite();
  const accepting = await guardrelay('accounts', 'accept', '--account', PAY, ...IN_MEMBERS, '-o', 'table');
  const after = await guardrelay('accounts', 'status', '--json');

  t.same(
    [first.code, accepted.code, again.code, accepting.code, after.code],
    [0, 0, 7, 0, 3],
    first.stderr + accepted.stderr,
  );
  t.same(JSON.parse(first.stdout).summary, { customer: 'acme', invited: 6 });
  t.same(JSON.parse(accepted.stdout).summary, { customer: 'acme', accepted: 4 });
  t.same(JSON.parse(again.stdout).summary, { customer: 'acme', enabled: 4, 'not-done': 2 });
  t.match(JSON.parse(again.stdout).data.at(-1), {
    account: LAKE,
    reason: /another e-mail address than wrong@acme.example \(MEM-003\)/,
  });
  t.notOk(
    calls.some((action) => /CreateMembers|InviteMembers|Accept/.test(action)),
    'the second time nothing is done',
  );
  t.match(accepting.stdout, /● enabled 2/);
  t.match(before.stdout, /◌ invited 2 \(eu-west-1, us-east-1, \d+s\)/);
  t.match(JSON.parse(after.stdout).summary, { byStatus: { enabled: 2, failed: 1 }, needAttention: 1 });
});

t.test('a wrong address that was corrected is invited anew', async (t) => {
  const { aws, clock, list, guardrelay } = await startMembersScene(t, `${LAKE},wrong@acme.example\n`);
  await guardrelay('accounts', 'invite', '--all');
  await clock.advance(1_000);
  writeFileSync(list, `${LAKE},${addressOf(LAKE)}\n`);

  const { code, stdout } = await guardrelay('accounts', 'invite', '--account', LAKE, '--json');
  await clock.advance(1_000);

  t.equal(code, 0, stdout);
  for (const place of Object.values(OWNERS))
    t.match(aws.guardDuty.members.list(place), [{ email: addressOf(LAKE), status: 'Invited' }]);
});

t.test('what fails in one region or for one account costs the others nothing', async (t) => {
  const { aws, clock, guardrelay } = await startMembersScene(t, LIST);
  const effect = { kind: 'error', code: 'AccessDeniedException', message: 'an SCP says no' } as const;
  const heal = aws.world.faults.add({ operation: 'InviteMembers', region: 'us-east-1', effect });
  const { detectors } = aws.guardDuty;
  const lab = placeIn('eu-west-1', LAB);
  detectors.delete(lab, detectors.find(lab)?.id ?? '');

  const partly = await guardrelay('accounts', 'invite', '--all', '-o', 'table');
  heal();
  const rest = await guardrelay('accounts', 'invite', '--all', '--json');
  await clock.advance(1_000);
  const accept = (...more: readonly string[]) =>
    guardrelay('accounts', 'accept', '--all', ...IN_MEMBERS, ...more);
  const off = await accept('-o', 'table');
  const on = await accept('--create-detector', '--json');

  t.same([partly.code, rest.code, off.code, on.code], [7, 0, 7, 0], partly.stderr + off.stderr);
  t.match(partly.stdout, /✖ not done 1 {2}✔ invited 1/);
  t.match(partly.stdout, /us-east-1: InviteMembers in 111111111111/);
  t.match(partly.stdout, 'acme: 2 accounts, by account and region: 2 invited, 2 not done.');
  t.same(JSON.parse(rest.stdout).summary, { customer: 'acme', waiting: 2, invited: 2 });
  t.match(off.stdout, /dev-lab +✖ without GuardDuty 1 {2}✔ accepted 1/);
  t.same(JSON.parse(on.stdout).summary, { customer: 'acme', enabled: 3, accepted: 1 });
});

t.test('only the invitation of the right administrator is accepted', async (t) => {
  const { aws, clock, guardrelay } = await startMembersScene(t, LIST);
  const rival = '999999999999';
  aws.world.accounts.add({ id: rival });
  for (const { region } of Object.values(OWNERS)) {
    aws.guardDuty.members.create(placeIn(region, rival), PAY, addressOf(PAY));
    aws.guardDuty.members.invite(placeIn(region, rival), PAY);
  }
  aws.guardDuty.members.create(OWNERS['eu-west-1'], PAY, addressOf(PAY));
  aws.guardDuty.members.invite(OWNERS['eu-west-1'], PAY);
  aws.guardDuty.members.mark(placeIn('us-east-1', rival), LAB, 'Enabled');
  await clock.advance(1_000);

  const { code, stdout } = await guardrelay('accounts', 'accept', '--account', PAY, ...IN_MEMBERS, '--json');

  t.equal(code, 7);
  t.match(JSON.parse(stdout).data, [
    { region: 'eu-west-1', outcome: 'accepted' },
    { region: 'us-east-1', outcome: 'not-invited', reason: /the invitation of 999999999999 is left alone/ },
  ]);
});

t.test('credentials of another account, or none in it, are told for each account', async (t) => {
  const { guardrelay } = await startMembersScene(t, LIST);

  const stranger = await guardrelay('accounts', 'accept', '--all', '--json');
  const noRole = await guardrelay('accounts', 'invite', '--all', ...IN_MEMBERS, '--json');
  const nobody = await guardrelay('accounts', 'invite', '--account', LAKE);

  t.same([stranger.code, noRole.code, nobody.code], [7, 7, 2]);
  t.match(JSON.parse(stranger.stdout).data, [
    {
      account: PAY,
      outcome: 'refused',
      reason: `the credentials are of account ${ADMIN}: name others with --profile, or a role in it with --role-arn`,
    },
    { account: LAB },
  ]);
  t.match(JSON.parse(noRole.stdout).data, [
    { account: ADMIN, reason: /AssumeRole of arn:aws:iam::111111111111/ },
  ]);
  t.match(nobody.stderr, `guardrelay accounts add --customer acme --account ${LAKE} --email ADDRESS`);
});

t.test('status tells what is wrong first, folds regions, and says the next step', async (t) => {
  const { aws, guardrelay } = await startMembersScene(t, `${LIST}${LAKE},${addressOf(LAKE)},data-lake\n`);
  makeMembers(aws, [PAY, LAB]);
  aws.guardDuty.members.mark(OWNERS['eu-west-1'], LAB, 'Resigned');
  aws.guardDuty.members.mark(OWNERS['us-east-1'], PAY, 'Suspicious');

  const { code, stdout } = await guardrelay('accounts', 'status', '-o', 'table');
  const json = JSON.parse((await guardrelay('accounts', 'status', '--json')).stdout);

  t.equal(code, 3);
  const [, lab = '', ...others] = stdout.split('\n');
  t.match(lab, /^210987654321 +dev-lab +✖ resigned 1 \(eu-west-1, \d+s\) {2}● enabled 1/);
  t.match(others.join('\n'), /123456789123 +payments-prod +\? "Suspicious" 1 \(us-east-1, \d+s\)/);
  t.match(others.join('\n'), /345678901234 +data-lake +· unknown to GuardDuty/);
  t.match(stdout, 'docs/errors/MEM-004.md');
  t.match(stdout, /3 accounts: 1 resigned, 1 unknown. 2 need attention.\n$/);
  t.match(json.data[0], {
    account: LAB,
    region: 'eu-west-1',
    status: 'resigned',
    awsStatus: 'Resigned',
    administrator: ADMIN,
  });
  t.same(json.summary.unknownToGuardDuty, [LAKE]);
});

t.test('a region where GuardDuty is off is told, and nothing is wrong with it', async (t) => {
  const { aws, guardrelay } = await startMembersScene(t, LIST);
  const { detectors } = aws.guardDuty;
  makeMembers(aws, [PAY, LAB]);
  detectors.delete(OWNERS['us-east-1'], detectors.find(OWNERS['us-east-1'])?.id ?? '');

  const { code, stderr } = await guardrelay('accounts', 'status');

  t.equal(code, 0);
  t.equal(stderr, 'GuardDuty is off: 111111111111 us-east-1 (GD-001)\n');
});

t.test('a region that cannot be seen is told, and the others are shown', async (t) => {
  const { aws, guardrelay } = await startMembersScene(t, LIST);
  makeMembers(aws, [PAY, LAB]);
  const effect = { kind: 'error', code: 'AccessDeniedException', message: 'no' } as const;
  aws.world.faults.add({ operation: 'ListMembers', region: 'us-east-1', effect });

  const { code, stdout, stderr } = await guardrelay('accounts', 'status', '-o', 'table');

  t.equal(code, 7);
  t.match(stdout, /● enabled 1\n/);
  t.match(stderr, /not seen: 111111111111 us-east-1: ListMembers in 111111111111 us-east-1/);
});

t.test('an account is removed by a person at a terminal alone, who is told what is lost', async (t) => {
  const { aws, list, guardrelay } = await startMembersScene(t, LIST);
  makeMembers(aws, [PAY]);

  const { code, stderr } = await guardrelay('accounts', 'remove', '--account', PAY);

  t.equal(code, 2);
  t.match(stderr, 'its findings of eu-west-1, us-east-1 no longer reach 111111111111, nor the SIEM of acme');
  t.match(stderr, `it goes from ${list}`);
  t.match(stderr, `type ${PAY} when it asks`);
  t.equal(aws.guardDuty.members.list(OWNERS['eu-west-1']).length, 1, 'nothing is done');
});
