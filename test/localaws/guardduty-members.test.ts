import {
  AcceptAdministratorInvitationCommand,
  CreateDetectorCommand,
  CreateMembersCommand,
  CreateSampleFindingsCommand,
  DeleteDetectorCommand,
  DeleteMembersCommand,
  DisassociateFromAdministratorAccountCommand,
  DisassociateMembersCommand,
  GetAdministratorAccountCommand,
  GetMembersCommand,
  GuardDutyClient,
  InviteMembersCommand,
  ListDetectorsCommand,
  ListFindingsCommand,
  ListInvitationsCommand,
  ListMembersCommand,
  StartMonitoringMembersCommand,
  StopMonitoringMembersCommand,
  type UnprocessedAccount,
} from '@aws-sdk/client-guardduty';
import type { Test } from 'tap';
import t from 'tap';

import type { TestAws } from '../support/local-aws.ts';
import { ACCOUNT, HOME, startTestAws } from '../support/local-aws.ts';

const MEMBER = '444455556666';
const EMAIL = 'm@example.com';
const NOBODY = '777788889999';
const KNOWN =
  'The request is rejected because the given account ID is already a member or associated member of the current account.';
const INVITED =
  'The request is rejected because the current account has already invited or is already the GuardDuty master of the given member account ID.';
const STRANGER =
  'The request is rejected because the given account ID is not an associated member of account the current account.';

/** An administrator and an account that may become its member, each with a detector. */
interface Pair extends TestAws {
  readonly administrator: GuardDutyClient;
  readonly DetectorId: string;
  readonly member: GuardDutyClient;
  readonly own: { readonly DetectorId: string };
  status(account?: string): Promise<string | undefined>;
  create(...members: readonly (readonly [id: string, email: string])[]): Promise<Results>;
  invite(...accounts: readonly string[]): Promise<Results>;
  accept(): Promise<unknown>;
}

type Results = readonly (string | undefined)[];

async function startPair(t: Test): Promise<Pair> {
  const test = await startTestAws(t);
  const { world } = test.aws;
  world.accounts.add({ id: MEMBER, email: EMAIL });
  const administrator = new GuardDutyClient(test.config());
  const member = new GuardDutyClient(test.config({ keys: world.principals.addUser(MEMBER, 'member') }));
  const DetectorId = await detector(administrator);
  const own = await detector(member);
  const results = ({
    UnprocessedAccounts = [],
  }: {
    UnprocessedAccounts?: UnprocessedAccount[] | undefined;
  }) => UnprocessedAccounts.map(({ Result }) => Result);
  return {
    ...{ ...test, administrator, member, DetectorId, own: { DetectorId: own } },
    async status(account = MEMBER) {
      const command = new ListMembersCommand({ DetectorId, OnlyAssociated: 'false' });
      const { Members } = await administrator.send(command);
      return Members?.find(({ AccountId }) => AccountId === account)?.RelationshipStatus;
    },
    async create(...members) {
      const AccountDetails = members.map(([AccountId, Email]) => ({ AccountId, Email }));
      return results(await administrator.send(new CreateMembersCommand({ DetectorId, AccountDetails })));
    },
    async invite(...AccountIds) {
      const command = new InviteMembersCommand({
        DetectorId,
        AccountIds: [...AccountIds],
        DisableEmailNotification: true,
      });
      const refused = results(await administrator.send(command));
      await test.clock.advance(1_000);
      return refused;
    },
    async accept() {
      const { Invitations = [] } = await member.send(new ListInvitationsCommand({}));
      const { InvitationId } = Invitations.at(-1) ?? {};
      return member.send(
        new AcceptAdministratorInvitationCommand({
          DetectorId: own ?? '',
          AdministratorId: ACCOUNT,
          InvitationId,
        }),
      );
    },
  };
}

async function detector(client: GuardDutyClient): Promise<string> {
  const { DetectorId = '' } = await client.send(new CreateDetectorCommand({ Enable: true }));
  return DetectorId;
}

t.test('an account is created, invited once its address is compared, and accepts', async (t) => {
  const { administrator, member, clock, DetectorId, own, status, create, accept } = await startPair(t);

  t.same(await create([MEMBER, EMAIL]), []);
  t.equal(await status(), 'Created');
  const { Members } = await administrator.send(new ListMembersCommand({ DetectorId }));
  t.same(Members, [], 'only associated ones, unless all are asked for');
  await administrator.send(new InviteMembersCommand({ DetectorId, AccountIds: [MEMBER] }));
  t.equal(await status(), 'EmailVerificationInProgress');
  t.same((await member.send(new ListInvitationsCommand({}))).Invitations, []);
  await clock.advance(1_000);
  t.equal(await status(), 'Invited');
  await accept();

  t.equal(await status(), 'Enabled');
  const { Administrator } = await member.send(new GetAdministratorAccountCommand(own));
  t.match(Administrator, { AccountId: ACCOUNT, RelationshipStatus: 'Enabled' });
});

t.test('an address that is not that of the account, or of no account, is not verified', async (t) => {
  const { member, status, create, invite } = await startPair(t);
  await create([MEMBER, 'wrong@example.com'], [NOBODY, 'nobody@example.com']);

  t.same(await invite(MEMBER, NOBODY), []);

  t.equal(await status(), 'EmailVerificationFailed');
  t.equal(await status(NOBODY), 'EmailVerificationFailed');
  t.same((await member.send(new ListInvitationsCommand({}))).Invitations, []);
});

t.test('what cannot be done for one account is answered for this one, and done for the others', async (t) => {
  const { administrator, DetectorId, create, invite, accept } = await startPair(t);

  t.same(await create([MEMBER, EMAIL], [ACCOUNT, EMAIL]), [KNOWN], 'the administrator itself');
  t.same(await create([MEMBER, EMAIL]), [KNOWN]);
  t.same(await invite(NOBODY, MEMBER), [STRANGER]);
  t.same(await invite(MEMBER), [INVITED], 'not twice');
  await accept();
  t.same(await invite(MEMBER), [INVITED]);
  const command = new GetMembersCommand({ DetectorId, AccountIds: [MEMBER, NOBODY] });
  const { Members, UnprocessedAccounts } = await administrator.send(command);

  t.match(Members, [{ AccountId: MEMBER, Email: EMAIL, AdministratorId: ACCOUNT }]);
  t.same(UnprocessedAccounts, [{ AccountId: NOBODY, Result: STRANGER }]);
});

t.test('members are paused, go on, leave, are let go and come back', async (t) => {
  const { administrator, member, DetectorId, own, status, create, invite, accept } = await startPair(t);
  const named = { DetectorId, AccountIds: [MEMBER] };
  const seen: (string | undefined)[] = [];
  const then = async (doing: Promise<unknown>): Promise<void> => {
    await doing;
    seen.push(await status());
  };
  await create([MEMBER, EMAIL]);
  await invite(MEMBER);
  await accept();

  await then(administrator.send(new StopMonitoringMembersCommand(named)));
  await then(administrator.send(new StartMonitoringMembersCommand(named)));
  await then(member.send(new DisassociateFromAdministratorAccountCommand(own)));
  await t.rejects(member.send(new DisassociateFromAdministratorAccountCommand(own)), {
    name: 'BadRequestException',
  });
  t.match(await administrator.send(new StopMonitoringMembersCommand(named)), {
    UnprocessedAccounts: [{ AccountId: MEMBER, Result: STRANGER }],
  });
  await then(invite(MEMBER));
  await then(accept());
  await then(administrator.send(new DisassociateMembersCommand(named)));
  await then(administrator.send(new DeleteMembersCommand(named)));

  t.same(seen, ['Disabled', 'Enabled', 'Resigned', 'Invited', 'Enabled', 'Removed', undefined]);
  t.match(await administrator.send(new DeleteMembersCommand(named)), {
    UnprocessedAccounts: [{ AccountId: MEMBER }],
  });
});

t.test('findings of a member reach its administrator, unless it is paused', async (t) => {
  const { administrator, member, DetectorId, own, create, invite, accept } = await startPair(t);
  const sample = (type: string) =>
    member.send(new CreateSampleFindingsCommand({ ...own, FindingTypes: [type] }));
  await create([MEMBER, EMAIL]);
  await invite(MEMBER);
  await accept();

  await sample('Policy:S3/BucketBlockPublicAccessDisabled');
  await administrator.send(new StopMonitoringMembersCommand({ DetectorId, AccountIds: [MEMBER] }));
  await sample('UnauthorizedAccess:EC2/TorClient');

  t.equal((await administrator.send(new ListFindingsCommand({ DetectorId }))).FindingIds?.length, 1);
});

t.test('an account has one administrator, and none while it has members itself', async (t) => {
  const test = await startPair(t);
  const { aws, administrator, member, DetectorId, own, create, invite, accept } = test;
  const { members, detectors } = aws.guardDuty;
  const rival = { ...HOME, account: NOBODY };
  aws.world.accounts.add({ id: NOBODY });
  detectors.create(rival, {});
  members.create(rival, MEMBER, EMAIL);
  members.invite(rival, MEMBER);
  await create([MEMBER, EMAIL]);
  await invite(MEMBER);
  const { Invitations = [] } = await member.send(new ListInvitationsCommand({}));
  const answer = (administratorId: string, invitationId = '') =>
    member.send(
      new AcceptAdministratorInvitationCommand({
        ...own,
        AdministratorId: administratorId,
        InvitationId: invitationId,
      }),
    );
  const refusal = { name: 'BadRequestException' };

  t.same(
    Invitations.map(({ AccountId }) => AccountId),
    [NOBODY, ACCOUNT],
  );
  await t.rejects(answer(ACCOUNT, Invitations[0]?.InvitationId), refusal, 'the invitation of another');
  await accept();
  await t.rejects(answer(NOBODY, Invitations[0]?.InvitationId), refusal, 'a second administrator');
  const another = { ...own, AccountDetails: [{ AccountId: NOBODY, Email: EMAIL }] };
  await t.rejects(member.send(new CreateMembersCommand(another)), refusal, 'a member has no members');
  await t.rejects(administrator.send(new DeleteDetectorCommand({ DetectorId })), {
    ...refusal,
    message: /cannot delete detector while it has invited or associated members/,
  });
});

t.test('50 accounts at once, and 5,000 by invitation', async (t) => {
  const { aws, administrator, DetectorId, create } = await startPair(t);
  const id = (number: number): string => String(200_000_000_000 + number);
  const AccountDetails = Array.from({ length: 51 }, (_, at) => ({ AccountId: id(at), Email: EMAIL }));
  for (let at = 0; at < 4_999; at += 1) aws.guardDuty.members.create(HOME, id(at), EMAIL);

  await t.rejects(administrator.send(new CreateMembersCommand({ DetectorId, AccountDetails })), {
    name: 'BadRequestException',
  });
  t.match(await create([id(4_999), EMAIL], [id(5_000), EMAIL]), [/maximum number of member accounts/]);
  let pages = 0;
  let NextToken: string | undefined;
  do {
    const page: { NextToken?: string | undefined } = await administrator.send(
      new ListMembersCommand({ DetectorId, OnlyAssociated: 'false', ...(NextToken && { NextToken }) }),
    );
    ({ NextToken } = page);
    pages += 1;
  } while (NextToken);
  t.equal(pages, 100);
});

t.test('the administrator of an organization takes its accounts in without asking them', async (t) => {
  const { aws, config, administrator, DetectorId, status, create, invite } = await startPair(t);
  aws.world.organizations.add({
    management: NOBODY,
    accounts: [
      { id: ACCOUNT, name: 'security', email: 's@example.com' },
      { id: NOBODY, name: 'management', email: 'a@example.com' },
    ],
  });
  aws.guardDuty.administration.delegate(HOME, 'ALL');
  aws.world.accounts.add({ id: NOBODY });
  const keys = aws.world.principals.addUser(NOBODY, 'management');
  const management = new GuardDutyClient(config({ keys }));

  t.same(await create([NOBODY, 'a@example.com'], [MEMBER, EMAIL]), []);

  t.equal(await status(NOBODY), 'Enabled');
  t.equal((await management.send(new ListDetectorsCommand({}))).DetectorIds?.length, 1);
  t.equal(await status(), 'Created', 'an account of somebody else has to be asked');
  t.match(await invite(NOBODY), [/added through an organization/]);
  await t.rejects(
    administrator.send(new DisassociateMembersCommand({ DetectorId, AccountIds: [NOBODY] })),
    { name: 'BadRequestException' },
    'with auto-enable ALL nobody is let go',
  );
  aws.guardDuty.administration.delegate(HOME, 'NEW');
  await administrator.send(new DisassociateMembersCommand({ DetectorId, AccountIds: [NOBODY] }));
  t.equal(await status(NOBODY), 'Removed');
  t.match(await invite(NOBODY), [/added through an organization/]);
  t.same(await create([NOBODY, 'a@example.com']), [], 'it is taken in again by being created');
  t.equal(await status(NOBODY), 'Enabled');
});
