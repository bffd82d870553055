import {
  CreateDetectorCommand,
  CreateSampleFindingsCommand,
  DeleteDetectorCommand,
  GetDetectorCommand,
  GetFindingsCommand,
  GuardDutyClient,
  ListDetectorsCommand,
  ListFindingsCommand,
  paginateListFindings,
  UpdateDetectorCommand,
} from '@aws-sdk/client-guardduty';
import type { Test } from 'tap';
import t from 'tap';
import type { TestAws } from '../support/local-aws.ts';
import { ACCOUNT, HOME, startTestAws } from '../support/local-aws.ts';

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
