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
  GetDetectorCommand,
  GetFindingsCommand,
  GuardDutyClient,
  InviteMembersCommand,
  ListDetectorsCommand,
  ListFindingsCommand,
  ListInvitationsCommand,
  ListMembersCommand,
  paginateListFindings,
  StartMonitoringMembersCommand,
  StopMonitoringMembersCommand,
  UpdateDetectorCommand,
} from '@aws-sdk/client-guardduty';
import type { Test } from 'tap';
import t from 'tap';
import type { TestAws } from '../support/local-aws.ts';
import { ACCOUNT, HOME, startTestAws } from '../support/local-aws.ts';

const MEMBER = '444455556666';
const GROUP = '/aws/events/guardrelay';
const GROUP_ARN = `arn:aws:logs:${HOME.region}:${ACCOUNT}:log-group:${GROUP}`;

interface GuardDutyTest extends TestAws {
  readonly client: GuardDutyClient;
  readonly detectorId: string;
}

/** An embedded AWS with a detector. */
async function startGuardDuty(t: Test): Promise<GuardDutyTest> {
  const test = await startTestAws(t);
  const client = new GuardDutyClient(test.config());
  const { DetectorId = '' } = await client.send(new CreateDetectorCommand({ Enable: true }));
  return { ...test, client, detectorId: DetectorId };
}

interface WrittenEvent {
  readonly 'detail-type': string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Sends every event of the account to a log group, and answers with what has come there. */
function collect({ aws }: TestAws): () => WrittenEvent[] {
  const groups = aws.logs.groups(HOME);
  groups.create({ name: GROUP });
  const principal = { Service: ['events.amazonaws.com', 'delivery.logs.amazonaws.com'] };
  const statement = { Effect: 'Allow', Principal: principal, Action: 'logs:*', Resource: '*' };
  aws.logs.policies(HOME).putForAccount('all', JSON.stringify({ Statement: statement }));
  const rules = aws.events.rules(HOME);
  rules.put({ name: 'all', eventPattern: '{"source":["aws.guardduty"]}' });
  rules.addTargets('all', [{ Id: 'logs', Arn: GROUP_ARN }]);
  return () => groups.get(GROUP).rows.all.map(({ message }) => JSON.parse(message));
}

t.test('a region has one detector at most', async (t) => {
  const { client, detectorId, clock } = await startGuardDuty(t);

  await t.rejects(client.send(new CreateDetectorCommand({ Enable: true })), {
    name: 'BadRequestException',
    message: 'The request is rejected because a detector already exists for the current account.',
  });
  t.same((await client.send(new ListDetectorsCommand({}))).DetectorIds, [detectorId]);
  t.match(await client.send(new GetDetectorCommand({ DetectorId: detectorId })), {
    Status: 'ENABLED',
    FindingPublishingFrequency: 'SIX_HOURS',
    CreatedAt: new Date(clock.now()).toISOString(),
  });
});

t.test('a detector is updated and deleted by its own id only', async (t) => {
  const { client, detectorId } = await startGuardDuty(t);
  const unknown = { DetectorId: 'f'.repeat(32) };

  await client.send(
    new UpdateDetectorCommand({
      DetectorId: detectorId,
      Enable: false,
      FindingPublishingFrequency: 'FIFTEEN_MINUTES',
    }),
  );
  t.match(await client.send(new GetDetectorCommand({ DetectorId: detectorId })), {
    Status: 'DISABLED',
    FindingPublishingFrequency: 'FIFTEEN_MINUTES',
  });
  await t.rejects(client.send(new DeleteDetectorCommand(unknown)), {
    name: 'BadRequestException',
    message: /not owned by the current account/,
  });

  await client.send(new DeleteDetectorCommand({ DetectorId: detectorId }));
  t.same((await client.send(new ListDetectorsCommand({}))).DetectorIds, []);
});

t.test('sample findings arrive in the log group as EventBridge writes them', async (t) => {
  const test = await startGuardDuty(t);
  const { client, detectorId, clock } = test;
  const written = collect(test);
  const type = 'Backdoor:EC2/C&CActivity.B';

  await client.send(new CreateSampleFindingsCommand({ DetectorId: detectorId, FindingTypes: [type] }));

  const [finding] = written();
  t.match(finding, {
    source: 'aws.guardduty',
    'detail-type': 'GuardDuty Finding',
    account: ACCOUNT,
    detail: {
      schemaVersion: '2.0',
      accountId: ACCOUNT,
      region: HOME.region,
      partition: 'aws',
      id: /^[0-9a-f]{32}$/,
      arn: new RegExp(`:detector/${detectorId}/finding/`),
      type,
      resource: { resourceType: 'Instance' },
      service: { detectorId, count: 1, additionalInfo: { sample: true } },
      severity: 5,
      createdAt: new Date(clock.now()).toISOString(),
      title: /^\[SAMPLE\]/,
    },
  });
});

t.test('a second sample is the same finding, counted and newer', async (t) => {
  const test = await startGuardDuty(t);
  const { client, detectorId, clock } = test;
  const written = collect(test);
  const sample = () =>
    client.send(
      new CreateSampleFindingsCommand({
        DetectorId: detectorId,
        FindingTypes: ['Recon:EC2/PortProbeUnprotectedPort'],
      }),
    );

  await sample();
  await clock.advance(60_000);
  await sample();

  const findings = written()
    .filter((event) => event['detail-type'] === 'GuardDuty Finding')
    .map(({ detail }) => detail);
  const different = (name: string): number => new Set(findings.map((finding) => finding[name])).size;
  t.match(findings, [{ service: { count: 1 } }, { service: { count: 2 }, severity: 2 }]);
  t.same(['id', 'createdAt', 'updatedAt'].map(different), [1, 1, 2]);
});

t.test('findings are listed in pages and read by id', async (t) => {
  const { client, detectorId } = await startGuardDuty(t);
  await client.send(new CreateSampleFindingsCommand({ DetectorId: detectorId }));
  const ids: string[] = [];
  let pages = 0;

  for await (const page of paginateListFindings({ client, pageSize: 3 }, { DetectorId: detectorId })) {
    pages += 1;
    ids.push(...(page.FindingIds ?? []));
  }
  const { Findings } = await client.send(new GetFindingsCommand({ DetectorId: detectorId, FindingIds: ids }));

  t.equal(pages, 3);
  t.equal(ids.length, 8);
  t.same(Findings?.map(({ Resource }) => Resource?.ResourceType).sort(), [
    'AccessKey',
    'EKSCluster',
    'Instance',
    'Instance',
    'Instance',
    'Lambda',
    'RDSDBInstance',
    'S3Bucket',
  ]);
  t.match(Findings?.[0], { AccountId: ACCOUNT, Service: { Count: 1, ServiceName: 'guardduty' } });
});

t.test('findings are listed from a time of update on, in its order', async (t) => {
  const { client, detectorId, clock } = await startGuardDuty(t);
  const types = ['Recon:EC2/PortProbeUnprotectedPort', 'UnauthorizedAccess:EC2/TorClient'];
  const [repeated = ''] = types;
  const sample = async (type: string): Promise<number> => {
    await clock.advance(60_000);
    const command = new CreateSampleFindingsCommand({ DetectorId: detectorId, FindingTypes: [type] });
    await client.send(command);
    return clock.now();
  };
  const list = async (since: number, orderBy: 'ASC' | 'DESC'): Promise<readonly string[]> => {
    const { FindingIds = [] } = await client.send(
      new ListFindingsCommand({
        DetectorId: detectorId,
        FindingCriteria: { Criterion: { updatedAt: { GreaterThanOrEqual: since } } },
        SortCriteria: { AttributeName: 'updatedAt', OrderBy: orderBy },
      }),
    );
    return FindingIds;
  };
  for (const type of types) await sample(type);
  const repeatedAt = await sample(repeated);

  const [second, first = ''] = await list(0, 'ASC');

  t.same(await list(0, 'DESC'), [first, second], 'a repetition is an update');
  t.same(await list(repeatedAt, 'ASC'), [first], 'the time itself is in');
  t.same(await list(repeatedAt + 1, 'ASC'), []);
});

t.test('what GuardDuty refuses here', async (t) => {
  const { client, detectorId } = await startGuardDuty(t);
  const refusal = { name: 'BadRequestException' };

  await t.rejects(
    client.send(new CreateSampleFindingsCommand({ DetectorId: detectorId, FindingTypes: ['Nonsense'] })),
    refusal,
  );
  await t.rejects(
    client.send(
      new ListFindingsCommand({
        DetectorId: detectorId,
        FindingCriteria: { Criterion: { severity: { GreaterThan: 5 } } },
      }),
    ),
    refusal,
  );
});

t.test('calls that change something are announced by CloudTrail, failed ones too', async (t) => {
  const test = await startGuardDuty(t);
  const { client, detectorId } = test;
  const written = collect(test);

  await client.send(new GetDetectorCommand({ DetectorId: detectorId }));
  await client.send(new UpdateDetectorCommand({ DetectorId: detectorId, Enable: false }));
  await t.rejects(client.send(new CreateDetectorCommand({ Enable: true })));

  t.match(written(), [
    {
      source: 'aws.guardduty',
      'detail-type': 'AWS API Call via CloudTrail',
      detail: {
        eventSource: 'guardduty.amazonaws.com',
        eventName: 'UpdateDetector',
        readOnly: false,
        userIdentity: { type: 'IAMUser', arn: `arn:aws:iam::${ACCOUNT}:user/admin`, accountId: ACCOUNT },
        requestParameters: { detectorId, enable: false },
      },
    },
    { detail: { eventName: 'CreateDetector', errorCode: 'BadRequestException', responseElements: null } },
  ]);
  t.equal(written().length, 2);
});

t.test('members are paused, go on, leave and are let go', async (t) => {
  const test = await startGuardDuty(t);
  const { aws, client, detectorId: DetectorId } = test;
  aws.world.accounts.add({ id: MEMBER });
  const member = new GuardDutyClient(test.config({ keys: aws.world.principals.addUser(MEMBER, 'member') }));
  const own = await member.send(new CreateDetectorCommand({ Enable: true }));
  const { members } = aws.guardDuty;
  const join = () => {
    members.invite(HOME, MEMBER);
    const [invitation] = members.invitations({ ...HOME, account: MEMBER });
    members.accept({ ...HOME, account: MEMBER }, ACCOUNT, invitation?.invitationId ?? '');
  };
  const status = async () => {
    const listed = await client.send(new ListMembersCommand({ DetectorId, OnlyAssociated: 'false' }));
    return listed.Members?.[0]?.RelationshipStatus;
  };
  const named = { DetectorId, AccountIds: [MEMBER] };
  members.create(HOME, MEMBER, 'm@example.com');
  join();

  await client.send(new StopMonitoringMembersCommand(named));
  t.equal(await status(), 'Disabled');
  await client.send(new StartMonitoringMembersCommand(named));
  t.equal(await status(), 'Enabled');
  await member.send(new DisassociateFromAdministratorAccountCommand({ DetectorId: own.DetectorId }));
  t.equal(await status(), 'Resigned');
  await t.rejects(
    member.send(new DisassociateFromAdministratorAccountCommand({ DetectorId: own.DetectorId })),
    { name: 'BadRequestException' },
  );
  join();
  await client.send(new DisassociateMembersCommand(named));
  t.equal(await status(), 'Removed');
  await client.send(new DeleteMembersCommand(named));
  t.equal(await status(), undefined);
  t.match(await client.send(new DeleteMembersCommand(named)), {
    UnprocessedAccounts: [{ AccountId: MEMBER }],
  });
});

t.test('a member is created, invited, accepts, and its findings reach the administrator', async (t) => {
  const test = await startGuardDuty(t);
  const { aws, client, detectorId } = test;
  aws.world.accounts.add({ id: MEMBER });
  const member = new GuardDutyClient(test.config({ keys: aws.world.principals.addUser(MEMBER, 'member') }));
  const { DetectorId = '' } = await member.send(new CreateDetectorCommand({ Enable: true }));
  const statuses = async (OnlyAssociated?: string) => {
    const { Members } = await client.send(
      new ListMembersCommand({ DetectorId: detectorId, ...(OnlyAssociated && { OnlyAssociated }) }),
    );
    return Members?.map(({ RelationshipStatus }) => RelationshipStatus);
  };
  const AccountDetails = [
    { AccountId: MEMBER, Email: 'm@example.com' },
    { AccountId: '777788889999', Email: 'nobody@example.com' },
  ];
  await client.send(new CreateMembersCommand({ DetectorId: detectorId, AccountDetails }));
  t.same(await statuses(), []);
  t.same(await statuses('false'), ['Created', 'Created']);

  const { UnprocessedAccounts } = await client.send(
    new InviteMembersCommand({
      DetectorId: detectorId,
      AccountIds: [MEMBER, '777788889999', '000011112222'],
    }),
  );
  t.match(UnprocessedAccounts, [{ AccountId: '000011112222' }]);
  t.same(await statuses(), ['Invited', 'EmailVerificationFailed']);

  const { Invitations } = await member.send(new ListInvitationsCommand({}));
  await member.send(
    new AcceptAdministratorInvitationCommand({
      DetectorId,
      AdministratorId: ACCOUNT,
      InvitationId: Invitations?.[0]?.InvitationId,
    }),
  );
  t.same(await statuses(), ['Enabled', 'EmailVerificationFailed']);
  const { Administrator } = await member.send(new GetAdministratorAccountCommand({ DetectorId }));
  t.match(Administrator, { AccountId: ACCOUNT, RelationshipStatus: 'Enabled' });

  const written = collect(test);
  await member.send(
    new CreateSampleFindingsCommand({
      DetectorId,
      FindingTypes: ['Policy:S3/BucketBlockPublicAccessDisabled'],
    }),
  );
  t.match(written(), [{ account: ACCOUNT, detail: { accountId: MEMBER } }]);
});
