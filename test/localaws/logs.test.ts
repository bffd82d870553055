import type { CloudWatchLogsClient, FilterLogEventsCommandInput } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteAccountPolicyCommand,
  DeleteLogGroupCommand,
  DeleteResourcePolicyCommand,
  DescribeAccountPoliciesCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  DescribeResourcePoliciesCommand,
  FilterLogEventsCommand,
  PutAccountPolicyCommand,
  PutLogEventsCommand,
  PutLogGroupDeletionProtectionCommand,
  PutResourcePolicyCommand,
  PutRetentionPolicyCommand,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Test } from 'tap';
import t from 'tap';

import { readPage } from '../../agent/localaws/logs/filter.ts';
import type { SeedEvent } from '../../agent/localaws/logs/logs.ts';
import type { FaultEffect } from '../../agent/localaws/world.ts';
import type { TestAws } from '../support/local-aws.ts';
import { ACCOUNT, HOME, logsClient, startTestAws } from '../support/local-aws.ts';

const GROUP = '/aws/events/guardrelay';
const GROUP_ARN = `arn:aws:logs:${HOME.region}:${ACCOUNT}:log-group:${GROUP}`;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

interface LogsTest extends TestAws {
  readonly client: CloudWatchLogsClient;
  /** Offsets from now, ms; messages are `e0`, `e1`, … unless given. */
  seed(...events: readonly (Partial<SeedEvent> & { at: number })[]): void;
  fault(effect: FaultEffect, times?: number): void;
}

/** An embedded AWS with one log group. */
async function startLogs(t: Test): Promise<LogsTest> {
  const test = await startTestAws(t);
  test.aws.logs.groups(HOME).create({ name: GROUP });
  return {
    ...test,
    client: logsClient(test),
    seed(...events) {
      const complete = events.map(({ at, ...event }, index) => ({
        message: `e${index}`,
        ...event,
        timestamp: test.clock.now() + at,
      }));
      test.aws.logs.insert(HOME, GROUP, complete);
    },
    fault(effect, times) {
      test.aws.world.faults.add({ operation: 'FilterLogEvents', effect, ...(times && { times }) });
    },
  };
}

type FilterInput = Omit<FilterLogEventsCommandInput, 'logGroupName'>;

function filter(client: CloudWatchLogsClient, input: FilterInput = {}) {
  return client.send(new FilterLogEventsCommand({ logGroupName: GROUP, ...input }));
}

/** The messages of each page of a whole read. */
async function readPages(client: CloudWatchLogsClient, input: FilterInput = {}): Promise<string[][]> {
  const pages: string[][] = [];
  for await (const page of paginateFilterLogEvents({ client }, { logGroupName: GROUP, ...input })) {
    pages.push((page.events ?? []).map(({ message = '' }) => message));
  }
  return pages;
}

async function read(client: CloudWatchLogsClient, input: FilterInput = {}): Promise<string[]> {
  return (await readPages(client, input)).flat();
}

t.test('a log group is described as AWS describes it', async (t) => {
  const { client, clock } = await startLogs(t);
  await client.send(new PutRetentionPolicyCommand({ logGroupName: GROUP, retentionInDays: 30 }));

  const { logGroups } = await client.send(
    new DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws/events/' }),
  );

  t.match(logGroups, [
    {
      logGroupName: GROUP,
      arn: `${GROUP_ARN}:*`,
      logGroupArn: GROUP_ARN,
      logGroupClass: 'STANDARD',
      creationTime: clock.now(),
      retentionInDays: 30,
    },
  ]);
});

t.test('log groups come in pages of 50, by name', async (t) => {
  const { client, aws } = await startLogs(t);
  for (let index = 0; index < 60; index += 1) aws.logs.groups(HOME).create({ name: `/many/${100 + index}` });

  const first = await client.send(new DescribeLogGroupsCommand({ logGroupNamePattern: 'MANY' }));
  const second = await client.send(
    new DescribeLogGroupsCommand({ logGroupNamePattern: 'MANY', nextToken: first.nextToken }),
  );

  t.equal(first.logGroups?.length, 50);
  t.equal(second.logGroups?.length, 10);
  t.equal(second.logGroups?.at(-1)?.logGroupName, '/many/159');
  t.notOk(second.nextToken);
});

t.test('names, retention and class are checked', async (t) => {
  const { client } = await startLogs(t);
  const create = (logGroupName: string) => client.send(new CreateLogGroupCommand({ logGroupName }));
  const retain = (retentionInDays: number) =>
    client.send(new PutRetentionPolicyCommand({ logGroupName: GROUP, retentionInDays }));

  await t.rejects(create('aws/mine'), { name: 'InvalidParameterException' });
  await t.rejects(create('with space'), { name: 'InvalidParameterException' });
  await t.rejects(create('x'.repeat(513)), { name: 'InvalidParameterException' });
  await t.rejects(create(GROUP), { name: 'ResourceAlreadyExistsException' });
  await t.rejects(retain(42), { name: 'InvalidParameterException' });
  await t.resolves(retain(3653));
  await t.rejects(client.send(new DeleteLogGroupCommand({ logGroupName: '/gone' })), {
    name: 'ResourceNotFoundException',
  });
});

t.test('a protected log group is not deleted', async (t) => {
  const { client } = await startLogs(t);
  const protect = (deletionProtectionEnabled: boolean) =>
    client.send(
      new PutLogGroupDeletionProtectionCommand({ logGroupIdentifier: GROUP, deletionProtectionEnabled }),
    );
  const remove = () => client.send(new DeleteLogGroupCommand({ logGroupName: GROUP }));

  await protect(true);
  await t.rejects(remove(), { name: 'ValidationException' });

  await protect(false);
  await t.resolves(remove());
  t.same((await client.send(new DescribeLogGroupsCommand({}))).logGroups, []);
});

t.test('the class Infrequent Access cannot be filtered', async (t) => {
  const { client } = await startLogs(t);
  await client.send(
    new CreateLogGroupCommand({ logGroupName: '/cheap', logGroupClass: 'INFREQUENT_ACCESS' }),
  );

  await t.rejects(client.send(new FilterLogEventsCommand({ logGroupName: '/cheap' })), {
    name: 'InvalidOperationException',
  });
});

t.test('events come by timestamp, then ingestion time, then writing, over all streams', async (t) => {
  const { client, clock, seed } = await startLogs(t);
  const now = clock.now();
  seed(
    { at: -1000, message: 'late', ingestionTime: now - 10, stream: 'b' },
    { at: -1000, message: 'early', ingestionTime: now - 20, stream: 'c' },
    { at: -2000, message: 'oldest', stream: 'c' },
    { at: -1000, message: 'late too', ingestionTime: now - 10, stream: 'a' },
  );
  seed({ at: -1500, message: 'inserted later' });

  t.same(await read(client), ['oldest', 'inserted later', 'early', 'late', 'late too']);
});

t.test('a row has its stream, both times and an id of 56 digits that stays', async (t) => {
  const { client, clock, seed } = await startLogs(t);
  seed({ at: -1000, stream: 's', message: 'one' }, { at: -1000, stream: 's', message: 'two' });

  const first = await filter(client);
  const again = await filter(client);

  t.match(first.events?.[0], {
    logStreamName: 's',
    timestamp: clock.now() - 1000,
    ingestionTime: clock.now(),
    message: 'one',
    eventId: /^\d{56}$/,
  });
  t.same(again.events, first.events);
  t.not(first.events?.[0]?.eventId, first.events?.[1]?.eventId);
  t.same(first.searchedLogStreams, []);
});

t.test('start and end are both inclusive', async (t) => {
  const { client, clock, seed } = await startLogs(t);
  const startTime = clock.now() - 2000;
  const endTime = clock.now() - 1000;
  seed({ at: -2001 }, { at: -2000 }, { at: -1500 }, { at: -1000 }, { at: -999 });

  t.same(await read(client, { startTime, endTime }), ['e1', 'e2', 'e3']);
  t.same(await read(client, { startTime: endTime, endTime: startTime }), []);
});

t.test('a group is named by name or by ARN, and by nothing else', async (t) => {
  const { client, seed } = await startLogs(t);
  seed({ at: -1 });
  const by = (input: FilterLogEventsCommandInput) => client.send(new FilterLogEventsCommand(input));

  t.equal((await by({ logGroupIdentifier: GROUP })).events?.length, 1);
  t.equal((await by({ logGroupIdentifier: GROUP_ARN })).events?.length, 1);
  await t.rejects(by({ logGroupIdentifier: `${GROUP_ARN}:*` }), { name: 'InvalidParameterException' });
  await t.rejects(by({ logGroupIdentifier: GROUP, logGroupName: GROUP }), {
    name: 'InvalidParameterException',
  });
  await t.rejects(by({}), { name: 'InvalidParameterException' });
  await t.rejects(by({ logGroupName: '/gone' }), { name: 'ResourceNotFoundException' });
  await t.rejects(by({ logGroupIdentifier: GROUP_ARN.replace(ACCOUNT, '444455556666') }), {
    name: 'ResourceNotFoundException',
  });
});

t.test('what FilterLogEvents refuses', async (t) => {
  const { client } = await startLogs(t);
  const refused: Record<string, FilterInput> = {
    'no limit': { limit: 0 },
    'a limit above 10,000': { limit: 10_001 },
    'names and prefix together': { logStreamNames: ['a'], logStreamNamePrefix: 'b' },
    'a filter pattern': { filterPattern: '{ $.source = "aws.guardduty" }' },
    'a token that is garbage': { nextToken: 'garbage' },
    'newest first before 2024': { startFromHead: false, startTime: Date.UTC(2023, 0, 1) },
  };

  for (const [name, input] of Object.entries(refused)) {
    await t.rejects(filter(client, input), { name: 'InvalidParameterException' }, name);
  }
});

t.test('streams are chosen by name or by prefix', async (t) => {
  const { client, seed } = await startLogs(t);
  seed({ at: -3, stream: 'a1' }, { at: -2, stream: 'a2' }, { at: -1, stream: 'b' });

  t.same(await read(client, { logStreamNames: ['a2', 'b'] }), ['e1', 'e2']);
  t.same(await read(client, { logStreamNamePrefix: 'a' }), ['e0', 'e1']);
});

t.test('newest first reads the other way round, over pages too', async (t) => {
  const { client, clock, seed } = await startLogs(t);
  seed({ at: -4 }, { at: -3 }, { at: -2 }, { at: -1 });
  const startTime = clock.now() - 3;

  t.same(await readPages(client, { startFromHead: false, startTime, limit: 2 }), [['e3', 'e2'], ['e1']]);
});

t.test('pages end at the limit, at 10,000 events and at 1 MB', async (t) => {
  const { client, seed } = await startLogs(t);
  seed(...Array.from({ length: 10_005 }, (_, index) => ({ at: -20_000 + index })));

  const byLimit = await readPages(client, { limit: 4000 });
  const byCount = await readPages(client);
  seed(...Array.from({ length: 34 }, () => ({ at: 0, message: 'x'.repeat(100_000) })));
  const bySize = await readPages(client, { startTime: Date.UTC(2026, 0, 1) });

  t.same(
    byLimit.map((page) => page.length),
    [4000, 4000, 2005],
  );
  t.same(
    byCount.map((page) => page.length),
    [10_000, 5],
  );
  t.same(
    bySize.map((page) => page.length),
    [10, 10, 10, 4],
  );
});

t.test('one event of the largest size is a page of its own', async (t) => {
  const { client, seed } = await startLogs(t);
  seed({ at: -2, message: 'x'.repeat(1_048_576) }, { at: -1, message: 'small' });

  t.same(
    (await readPages(client)).map((page) => page.length),
    [1, 1],
  );
});

t.test('an event that is not readable yet is found later, in its old place', async (t) => {
  const { client, clock, seed } = await startLogs(t);
  seed({ at: -2, message: 'hidden', readableAt: clock.now() + 90_000 }, { at: -1, message: 'seen' });

  t.same(await read(client), ['seen']);

  await clock.advance(90_000);

  t.same(await read(client), ['hidden', 'seen']);
});

t.test('events that arrive during a read do not disturb its pages', async (t) => {
  const { client, seed } = await startLogs(t);
  seed({ at: -30 }, { at: -20 }, { at: -10 });

  const first = await filter(client, { limit: 2 });
  seed({ at: -25, message: 'behind' }, { at: -5, message: 'ahead' });
  const rest = await read(client, { nextToken: first.nextToken });

  t.same(rest, ['e2', 'ahead']);
});

t.test('events past the retention are not shown', async (t) => {
  const { client, aws, seed } = await startLogs(t);
  seed({ at: -DAY_MS - 1 }, { at: -DAY_MS });
  aws.logs.groups(HOME).retain(GROUP, 1);

  t.same(await read(client), ['e1']);
});

t.test(
  'the longest retention policy of the account goes before the setting of a group, a day later',
  async (t) => {
    const { client, clock, aws, seed } = await startLogs(t);
    aws.logs.groups(HOME).retain(GROUP, 365);
    const policyType = 'RETENTION_POLICY';
    const put = (
      policyName: string,
      days: unknown,
      selectionCriteria?: string,
      enforcementMode = 'RETROACTIVE',
    ) =>
      client.send(
        new PutAccountPolicyCommand({
          ...{ policyName, policyType, selectionCriteria },
          policyDocument: JSON.stringify({ retentionInDays: days, enforcementMode }),
        }),
      );
    const look = async (logGroupNamePrefix = GROUP) => {
      const { logGroups = [] } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix }));
      return [logGroups[0]?.retentionInDays, logGroups[0]?.retentionPolicyName];
    };
    const nameOf = async () =>
      (await client.send(new DescribeAccountPoliciesCommand({ policyType }))).accountPolicies?.map(
        ({ policyName }) => policyName,
      );
    seed({ at: -31 * DAY_MS }, { at: -29 * DAY_MS });

    await put('month', 30);
    await put('new', 'NEVER_EXPIRE', undefined, 'NEW_ONLY');
    await put('others', 90, 'LogGroupNamePrefix IN ["/other", "/more"]');
    t.same(await look(), [365, undefined], 'not yet');
    t.same(await read(client), ['e0', 'e1']);
    await clock.advance(DAY_MS);
    t.same(await look(), [30, 'month']);
    t.same(await read(client), ['e1'], 'what has expired is gone');
    await client.send(new CreateLogGroupCommand({ logGroupName: '/other/group' }));
    t.same(await look('/other'), [undefined, 'new'], 'for ever');

    await put('ours', 60, `LogGroupNamePrefix IN ["${GROUP}"]`);
    await put('month', 90);
    await clock.advance(DAY_MS - 1);
    t.same(await look(), [30, 'month'], 'a change waits as well');
    await clock.advance(1);
    t.same(await look(), [90, 'month']);
    await client.send(new DeleteAccountPolicyCommand({ policyName: 'month', policyType }));
    t.same(await look(), [60, 'ours']);
    t.same(await nameOf(), ['new', 'others', 'ours']);

    for (const policyName of Array.from({ length: 17 }, (_, at) => `policy-${at}`)) await put(policyName, 30);
    await t.rejects(put('one more', 30), { name: 'LimitExceededException' });
    const refusal = { name: 'InvalidParameterException' };
    await t.rejects(put('ours', 14), refusal, 'a month at least');
    await t.rejects(put('ours', 30, 'LogGroupName NOT IN ["/x"]'), refusal);
    await t.rejects(put('ours', 30, undefined, 'SOMETIMES'), refusal);
    await t.rejects(client.send(new DescribeAccountPoliciesCommand({ policyType, policyName: 'gone' })), {
      name: 'ResourceNotFoundException',
    });
  },
);

t.test('a token serves the read that it came from, for a day', async (t) => {
  const { client, clock, aws, seed } = await startLogs(t);
  seed({ at: -2 }, { at: -1 });
  const { nextToken } = await filter(client, { limit: 1, startTime: 0 });
  const refusal = { name: 'InvalidParameterException' };

  t.equal((await filter(client, { nextToken, startTime: 0 })).events?.[0]?.message, 'e1');
  await t.rejects(filter(client, { nextToken, startTime: 1 }), refusal);
  await t.rejects(filter(client, { nextToken: `${nextToken}x`, startTime: 0 }), refusal);

  await clock.advance(DAY_MS);
  await t.rejects(filter(client, { nextToken, startTime: 0 }), refusal);

  const fresh = await filter(client, { limit: 1 });
  aws.logs.groups(HOME).delete(GROUP);
  aws.logs.groups(HOME).create({ name: GROUP });
  await t.rejects(filter(client, { nextToken: fresh.nextToken }), refusal);
});

t.test('faults bend the pages', async (t) => {
  const table: {
    readonly name: string;
    readonly effect: FaultEffect;
    readonly times?: number;
    readonly pages: string[][];
  }[] = [
    { name: 'one empty page', effect: { kind: 'empty-page' }, times: 1, pages: [[], ['e0', 'e1', 'e2']] },
    { name: 'first page empty', effect: { kind: 'empty-first-page' }, pages: [[], ['e0', 'e1', 'e2']] },
    { name: 'last page empty', effect: { kind: 'empty-last-page' }, pages: [['e0', 'e1', 'e2'], []] },
    { name: 'small pages', effect: { kind: 'page-size', events: 2 }, pages: [['e0', 'e1'], ['e2']] },
    { name: 'stream after stream', effect: { kind: 'unsorted' }, pages: [['e0', 'e2', 'e1']] },
  ];

  for (const { name, effect, times, pages } of table) {
    const { client, seed, fault } = await startLogs(t);
    seed({ at: -3, stream: 'a' }, { at: -2, stream: 'b' }, { at: -1, stream: 'a' });

    fault(effect, times);

    t.same(await readPages(client), pages, name);
  }
});

t.test('unsorted pages still hold every event once', async (t) => {
  const { client, seed, fault } = await startLogs(t);
  seed(...Array.from({ length: 20 }, (_, index) => ({ at: -100 + index, stream: `s${index % 3}` })));
  fault({ kind: 'unsorted' });

  const messages = await read(client, { limit: 3 });

  t.equal(messages.length, 20);
  t.equal(new Set(messages).size, 20);
  t.not(messages.join(), await read(client).then((sorted) => sorted.toSorted().join()));
});

t.test('a token can be made to live shorter', async (t) => {
  const { client, clock, seed, fault } = await startLogs(t);
  seed({ at: -2 }, { at: -1 });
  fault({ kind: 'token-lifetime', ms: 5 * MINUTE_MS });
  const { nextToken } = await filter(client, { limit: 1 });

  await clock.advance(5 * MINUTE_MS - 1);
  await t.resolves(filter(client, { nextToken }));

  await clock.advance(1);
  await t.rejects(filter(client, { nextToken }), { name: 'InvalidParameterException' });
});

t.test('PutLogEvents writes into a stream, readable when the fault says', async (t) => {
  const { client, clock, aws } = await startLogs(t);
  aws.world.faults.add({ operation: 'PutLogEvents', effect: { kind: 'visibility-delay', ms: 1000 } });
  await client.send(new CreateLogStreamCommand({ logGroupName: GROUP, logStreamName: 's' }));

  await client.send(
    new PutLogEventsCommand({
      logGroupName: GROUP,
      logStreamName: 's',
      logEvents: [{ timestamp: clock.now() - 5, message: 'hello' }],
    }),
  );

  t.same(await read(client), []);
  await clock.advance(1000);
  t.same(await read(client), ['hello']);
  const { logStreams } = await client.send(new DescribeLogStreamsCommand({ logGroupName: GROUP }));
  t.match(logStreams, [{ logStreamName: 's', lastEventTimestamp: clock.now() - 1005 }]);
});

t.test('PutLogEvents keeps its limits', async (t) => {
  const { client, clock } = await startLogs(t);
  await client.send(new CreateLogStreamCommand({ logGroupName: GROUP, logStreamName: 's' }));
  const put = (events: readonly (readonly [at: number, message: string])[], logStreamName = 's') =>
    client.send(
      new PutLogEventsCommand({
        logGroupName: GROUP,
        logStreamName,
        logEvents: events.map(([at, message]) => ({ timestamp: clock.now() + at, message })),
      }),
    );
  const refusal = { name: 'InvalidParameterException' };

  await t.rejects(put([[0, 'x'.repeat(1_048_577)]]), refusal, 'an event above 1 MB');
  await t.rejects(
    put([
      [0, 'x'.repeat(600_000)],
      [0, 'x'.repeat(600_000)],
    ]),
    refusal,
    'a batch above 1 MB',
  );
  await t.rejects(
    put([
      [0, 'b'],
      [-1, 'a'],
    ]),
    refusal,
    'events out of order',
  );
  await t.rejects(
    put([
      [-DAY_MS - 1, 'a'],
      [0, 'b'],
    ]),
    refusal,
    'a span above a day',
  );
  await t.rejects(put([[0, '']]), refusal, 'an empty event');
  await t.rejects(put(Array.from({ length: 10_001 }, () => [0, 'x'] as const)), refusal, 'too many events');
  await t.rejects(put([[0, 'a']], 'other'), { name: 'ResourceNotFoundException' });

  const old = await put([
    [-14 * DAY_MS - 1, 'old'],
    [-14 * DAY_MS, 'just'],
  ]);
  const ahead = await put([
    [2 * HOUR_MS, 'just ahead'],
    [2 * HOUR_MS + 1, 'too far'],
  ]);

  t.same(old.rejectedLogEventsInfo, { tooOldLogEventEndIndex: 1 });
  t.same(ahead.rejectedLogEventsInfo, { tooNewLogEventStartIndex: 1 });
  t.same(await read(client), ['just', 'just ahead']);
});

t.test('an account has at most ten resource policies', async (t) => {
  const { client } = await startLogs(t);
  const policyDocument = JSON.stringify({ Statement: [] });
  const put = (policyName: string, document = policyDocument) =>
    client.send(new PutResourcePolicyCommand({ policyName, policyDocument: document }));
  for (let index = 0; index < 10; index += 1) await put(`p${index}`);

  await t.rejects(put('p10'), { name: 'LimitExceededException' });
  await t.resolves(put('p9'));
  await t.rejects(put('p9', '{'), { name: 'InvalidParameterException' });

  await client.send(new DeleteResourcePolicyCommand({ policyName: 'p9' }));
  await put('p10');
  const { resourcePolicies } = await client.send(new DescribeResourcePoliciesCommand({}));
  t.equal(resourcePolicies?.length, 10);
  t.match(resourcePolicies?.at(-1), { policyName: 'p10', policyDocument, policyScope: 'ACCOUNT' });
});

t.test('a log group has one policy of its own, changed by those who know its revision', async (t) => {
  const { client } = await startLogs(t);
  const put = (expectedRevisionId?: string) =>
    client.send(
      new PutResourcePolicyCommand({
        policyName: 'own',
        policyDocument: JSON.stringify({ Statement: [] }),
        resourceArn: GROUP_ARN,
        ...(expectedRevisionId && { expectedRevisionId }),
      }),
    );

  const { revisionId } = await put();

  await t.rejects(put(), { name: 'OperationAbortedException' });
  await t.resolves(put(revisionId));
  const { resourcePolicies } = await client.send(
    new DescribeResourcePoliciesCommand({ policyScope: 'RESOURCE' }),
  );
  t.match(resourcePolicies, [{ policyName: 'own', resourceArn: GROUP_ARN }]);
});

t.test('a page of a great log group costs what is on the page', async (t) => {
  const { aws, clock } = await startLogs(t);
  const start = clock.now() - 200_000;
  const events = Array.from({ length: 200_000 }, (_, index) => ({
    timestamp: start + index,
    message: 'm',
  }));
  aws.logs.insert(HOME, GROUP, events);
  aws.logs.insert(HOME, GROUP, [{ timestamp: start + 99_999, message: 'late' }]);
  const group = aws.logs.groups(HOME).get(GROUP);
  let touched = 0;
  const all = new Proxy(group.rows.all, {
    get(rows, key) {
      touched += 1;
      return Reflect.get(rows, key);
    },
  });

  const page = readPage(
    { ...group, rows: { ...group.rows, all } },
    { start: start + 99_999, order: 'oldest-first' },
    { after: undefined, limit: 3, now: clock.now(), retention: {} },
  );

  t.same(
    page.rows.map(({ message }) => message),
    ['m', 'late', 'm'],
  );
  t.ok(touched < 10, `${touched} rows touched`);
});
