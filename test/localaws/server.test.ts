import { AccountClient, ListRegionsCommand, paginateListRegions } from '@aws-sdk/client-account';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import t from 'tap';
import type { TestAws } from '../support/local-aws.ts';
import { ACCOUNT, HOME, logsClient, startTestAws } from '../support/local-aws.ts';

const RELAY = '999900001111';
const READER = `arn:aws:iam::${ACCOUNT}:role/GuardRelayReader`;
const EXTERNAL_ID = 'f0e1d2c3b4a5968778695a4b3c2d1e0f';

function allow(action: string, resource = '*'): unknown {
  return { Statement: { Effect: 'Allow', Action: action, Resource: resource } };
}

function putReader(test: TestAws, policies: Readonly<Record<string, unknown>> = {}): void {
  test.aws.world.principals.putRole({
    account: ACCOUNT,
    name: 'GuardRelayReader',
    arn: READER,
    policies,
    trust: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${RELAY}:user/relay` },
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'sts:ExternalId': EXTERNAL_ID } },
        },
      ],
    },
  });
}

/** The relay's own account and an STS client of its user. */
function relaySts(test: TestAws): STSClient {
  test.aws.world.accounts.add({ id: RELAY });
  return new STSClient(test.config({ keys: test.aws.world.principals.addUser(RELAY, 'relay') }));
}

t.test('a caller is told by the access key', async (t) => {
  const test = await startTestAws(t);

  const identity = await new STSClient(test.config()).send(new GetCallerIdentityCommand({}));

  t.match(identity, { Account: ACCOUNT, Arn: `arn:aws:iam::${ACCOUNT}:user/admin` });
});

t.test('a key that nobody has is refused in the words of each protocol', async (t) => {
  const test = await startTestAws(t);
  const config = test.config({ keys: { accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' } });

  t.rejects(logsClient(test, { keys: config.credentials }).send(new DescribeLogGroupsCommand({})), {
    name: 'UnrecognizedClientException',
  });
  t.rejects(new AccountClient(config).send(new ListRegionsCommand({})), {
    name: 'UnrecognizedClientException',
  });
  t.rejects(new STSClient(config).send(new GetCallerIdentityCommand({})), {
    name: 'InvalidClientTokenId',
    $metadata: { httpStatusCode: 403 },
  });
});

t.test('a region that the account has not switched on does not know the key', async (t) => {
  const test = await startTestAws(t);
  const ask = (region: string) => logsClient(test, { region }).send(new DescribeLogGroupsCommand({}));

  t.rejects(ask('me-south-1'), { name: 'UnrecognizedClientException' });
  t.rejects(ask('cn-north-1'), { name: 'UnrecognizedClientException' });
  t.resolves(ask('us-east-1'));
});

t.test('AssumeRole asks the trust policy and its ExternalId', async (t) => {
  const test = await startTestAws(t);
  const sts = relaySts(test);
  putReader(test);
  const assume = (ExternalId?: string, RoleArn = READER) =>
    sts.send(
      new AssumeRoleCommand({ RoleArn, RoleSessionName: 'guardrelay', ...(ExternalId && { ExternalId }) }),
    );

  const { Credentials, AssumedRoleUser } = await assume(EXTERNAL_ID);

  t.equal(AssumedRoleUser?.Arn, `arn:aws:sts::${ACCOUNT}:assumed-role/GuardRelayReader/guardrelay`);
  t.equal(Credentials?.Expiration?.getTime(), test.clock.now() + 3_600_000);
  t.rejects(assume('00000000000000000000000000000000'), { name: 'AccessDenied' });
  t.rejects(assume(), { name: 'AccessDenied', message: /not authorized to perform: sts:AssumeRole/ });
  t.rejects(assume(EXTERNAL_ID, `arn:aws:iam::${ACCOUNT}:role/Other`), { name: 'AccessDenied' });
});

t.test('AssumeRole keeps the limits of a session', async (t) => {
  const test = await startTestAws(t);
  const { principals } = test.aws.world;
  const trust = { Statement: { Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: 'sts:AssumeRole' } };
  const long = `arn:aws:iam::${ACCOUNT}:role/Long`;
  principals.putRole({
    account: ACCOUNT,
    name: 'Long',
    arn: long,
    trust,
    policies: { chain: allow('sts:AssumeRole') },
    maxSessionSeconds: 7200,
  });
  const assume = (DurationSeconds: number, sts = new STSClient(test.config())) =>
    sts.send(new AssumeRoleCommand({ RoleArn: long, RoleSessionName: 'test', DurationSeconds }));
  const session = principals.assume(
    { ...HOME, arn: `arn:aws:iam::${ACCOUNT}:user/admin` },
    { roleArn: long, sessionName: 'first', durationSeconds: 900 },
  );
  const chained = new STSClient(test.config({ keys: session }));

  t.rejects(assume(899), { name: 'ValidationError' });
  t.rejects(assume(7201), { name: 'ValidationError', message: /MaxSessionDuration/ });
  t.resolves(assume(7200));
  t.rejects(assume(3601, chained), { name: 'ValidationError', message: /role chaining/ });
  t.resolves(assume(3600, chained));
});

t.test('a session may do what the policies of its role allow, until it expires', async (t) => {
  const test = await startTestAws(t);
  const sts = relaySts(test);
  putReader(test, { discover: allow('logs:DescribeLogGroups') });
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({ RoleArn: READER, RoleSessionName: 'guardrelay', ExternalId: EXTERNAL_ID }),
  );
  const keys = {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  };
  const config = test.config({ keys });
  const describe = () => logsClient(test, { keys }).send(new DescribeLogGroupsCommand({}));

  await t.resolves(describe());
  await t.rejects(new AccountClient(config).send(new ListRegionsCommand({})), {
    name: 'AccessDeniedException',
    message: /account:ListRegions/,
  });

  await test.clock.advance(3_600_000);

  await t.rejects(describe(), { name: 'ExpiredTokenException' });
  await t.rejects(new STSClient(config).send(new GetCallerIdentityCommand({})), {
    name: 'ExpiredToken',
  });
});

t.test('ListRegions pages through what is on and what is off', async (t) => {
  const test = await startTestAws(t);
  test.aws.world.accounts.add({ id: ACCOUNT, regions: ['eu-central-1', 'us-east-1', 'me-south-1'] });
  const client = new AccountClient(test.config());
  const states = new Map<string | undefined, string | undefined>();
  let pages = 0;

  for await (const page of paginateListRegions({ client, pageSize: 10 }, {})) {
    pages += 1;
    for (const { RegionName, RegionOptStatus } of page.Regions ?? []) states.set(RegionName, RegionOptStatus);
  }
  const { Regions } = await client.send(
    new ListRegionsCommand({ RegionOptStatusContains: ['ENABLED', 'ENABLED_BY_DEFAULT'] }),
  );

  t.equal(pages, 4);
  t.equal(states.size, 34);
  t.equal(states.get('eu-central-1'), 'ENABLED_BY_DEFAULT');
  t.equal(states.get('me-south-1'), 'ENABLED');
  t.equal(states.get('af-south-1'), 'DISABLED');
  t.equal(Regions?.length, 3);
});

t.test('every answer carries the time of the clock, and the fault moves it', async (t) => {
  const test = await startTestAws(t);
  const dateOf = async () => (await fetch(test.aws.url)).headers.get('date');

  t.equal(await dateOf(), new Date(test.clock.now()).toUTCString());

  const dates: unknown[] = [];
  const client = logsClient(test);
  client.middlewareStack.add(
    (next) => async (args) => {
      const output = await next(args);
      const { response } = output;
      if (typeof response === 'object' && response && 'headers' in response) dates.push(response.headers);
      return output;
    },
    { step: 'deserialize' },
  );
  test.aws.world.faults.add({ account: ACCOUNT, effect: { kind: 'date-offset', ms: -120_000 } });

  await client.send(new DescribeLogGroupsCommand({}));

  t.match(dates, [{ date: new Date(test.clock.now() - 120_000).toUTCString() }]);
});

/** Calls DescribeLogGroups a number of times; the outcomes are `ok` or names of errors. */
function describing(test: TestAws) {
  async function outcome(region: string): Promise<unknown> {
    try {
      await logsClient(test, { region }).send(new DescribeLogGroupsCommand({}));
      return 'ok';
    } catch (error) {
      return error instanceof Error ? error.name : error;
    }
  }

  return {
    async outcomes(count: number, region = HOME.region) {
      const names: unknown[] = [];
      for (let call = 0; call < count; call += 1) names.push(await outcome(region));
      return names;
    },
  };
}

t.test('faults hit the calls that they name, after and for as often as they say', async (t) => {
  const test = await startTestAws(t);
  const { faults } = test.aws.world;
  const { outcomes } = describing(test);

  const lift = faults.add({
    operation: 'DescribeLogGroups',
    region: HOME.region,
    after: 1,
    times: 2,
    effect: { kind: 'error', code: 'ThrottlingException', message: 'Rate exceeded' },
  });

  t.same(await outcomes(1, 'us-east-1'), ['ok']);
  t.same(await outcomes(4), ['ok', 'ThrottlingException', 'ThrottlingException', 'ok']);

  lift();
  const restore = faults.add({ effect: { kind: 'error', code: 'AccessDeniedException', message: 'no' } });
  t.same(await outcomes(1), ['AccessDeniedException']);
  restore();
  t.same(await outcomes(1), ['ok']);
});

t.test('a rate limit throttles each account and region by the clock', async (t) => {
  const test = await startTestAws(t);
  const { outcomes } = describing(test);
  test.aws.world.faults.add({ effect: { kind: 'rate-limit', callsPerSecond: 2 } });

  t.same(await outcomes(3), ['ok', 'ok', 'ThrottlingException']);
  t.same(await outcomes(1, 'us-east-1'), ['ok']);

  await test.clock.advance(500);

  t.same(await outcomes(2), ['ok', 'ThrottlingException']);
});

t.test('a connection can be cut, and an answer can hang until the clock has moved', async (t) => {
  const test = await startTestAws(t);
  const { faults } = test.aws.world;
  const describe = () => logsClient(test).send(new DescribeLogGroupsCommand({}));

  faults.add({ times: 1, effect: { kind: 'cut' } });
  await t.rejects(describe(), { code: 'ECONNRESET' });

  faults.add({ times: 1, effect: { kind: 'hang', ms: 60_000 } });
  let answered = false;
  const answer = describe().finally(() => {
    answered = true;
  });
  await describe();
  t.notOk(answered);
  await test.clock.advance(60_000);
  await t.resolves(answer);
});

/** For what no SDK client of ours speaks. */
function rawCall(test: TestAws, service: string, target: string, input: unknown): Promise<Response> {
  const scope = `${test.keys.accessKeyId}/20260101/${HOME.region}/${service}/aws4_request`;
  return fetch(test.aws.url, {
    method: 'POST',
    headers: {
      'x-amz-target': target,
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(input),
  });
}

t.test('a queue says how many messages wait in it', async (t) => {
  const test = await startTestAws(t);
  const { url, arn, messages } = test.aws.queues.create(HOME, 'guardrelay-dlq');
  messages.push({ body: '{}', attributes: {} });
  const ask = async (operation: string, input: unknown): Promise<unknown> =>
    (await rawCall(test, 'sqs', `AmazonSQS.${operation}`, input)).json();

  t.same(await ask('GetQueueUrl', { QueueName: 'guardrelay-dlq' }), { QueueUrl: url });
  t.match(await ask('GetQueueAttributes', { QueueUrl: url, AttributeNames: ['All'] }), {
    Attributes: { QueueArn: arn, ApproximateNumberOfMessages: '1', ApproximateNumberOfMessagesDelayed: '0' },
  });
  t.same(
    await ask('GetQueueAttributes', { QueueUrl: url, AttributeNames: ['ApproximateNumberOfMessages'] }),
    { Attributes: { ApproximateNumberOfMessages: '1' } },
  );
  t.same(await ask('GetQueueAttributes', { QueueUrl: url }), { Attributes: {} });
  t.match(await ask('GetQueueAttributes', { QueueUrl: url, AttributeNames: ['Colour'] }), {
    __type: 'InvalidAttributeName',
  });
  t.match(await ask('GetQueueUrl', { QueueName: 'other' }), { __type: 'QueueDoesNotExist' });
});

t.test('an operation that is not there is named in the answer', async (t) => {
  const test = await startTestAws(t);

  const response = await rawCall(test, 'logs', 'Logs_20140328.PutMetricFilter', {});

  t.equal(response.status, 400);
  t.match(await response.json(), { __type: 'UnknownOperationException', message: /PutMetricFilter/ });
});

t.test('a body that is no object, and a request for no service, are refused', async (t) => {
  const test = await startTestAws(t);

  const odd = await rawCall(test, 'logs', 'Logs_20140328.DescribeLogGroups', [1]);
  const stray = await rawCall(test, 'ec2', 'x', {});

  t.match(await odd.json(), { __type: 'SerializationException' });
  t.equal(stray.status, 403);
});
