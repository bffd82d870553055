import t, { type Test } from 'tap';

import { createLogsReader, type LogsReader } from '../../agent/aws/logs-reader.ts';
import { createQuota } from '../../agent/aws/quota.ts';
import type { Fault } from '../../agent/localaws/world.ts';
import type { Source } from '../../agent/model/source.ts';
import type { Read, Wanted, WindowPlan } from '../../agent/tail/read.ts';
import { createReader, type Reader } from '../../agent/tail/reader.ts';
import { clientsOf, OWN_SCOPE, readerScope } from '../support/aws-clients.ts';
import { HOME, startTestAws, type TestAws } from '../support/local-aws.ts';
import { createTailer } from '../support/tailer.ts';

const GROUP = '/aws/events/guardrelay';
const SOURCE: Source = { ...HOME, customer: 'acme', logGroup: GROUP };
const MINUTE_MS = 60_000;
const never = new AbortController().signal;

const everything: Wanted = {
  for: async (events) => events.map(() => ['siem']),
  room: () => 1,
};

interface Scene extends TestAws {
  readonly logs: LogsReader;
  readonly reader: Reader;
  readonly plan: WindowPlan;
  filterFault(effect: Fault['effect'], when?: Pick<Fault, 'after' | 'times' | 'operation'>): () => void;
}

/** A group, one minute old, with `count` events in it, a second apart. `T0` is when it was made. */
async function sceneOf(t: Test, count = 0, scopeOf = (_: TestAws) => OWN_SCOPE): Promise<Scene> {
  const test = await startTestAws(t);
  const { aws, clock } = test;
  const start = clock.now();
  const scope = scopeOf(test);
  const logs = createLogsReader({ clients: clientsOf(t, test), scopeOf: () => scope });
  aws.logs.groups(HOME).create({ name: GROUP, retentionInDays: 30 });
  await clock.advance(MINUTE_MS);
  aws.logs.insert(
    HOME,
    GROUP,
    Array.from({ length: count }, (_, i) => ({ timestamp: start + i * 1000, message: `event ${i}` })),
  );
  return {
    ...test,
    logs,
    reader: createReader({ logs, clock, source: SOURCE, pace: createQuota(clock).paceOf(SOURCE, 1_000) }),
    plan: { what: 'poll', start, due: [] },
    filterFault: (effect, when) =>
      aws.world.faults.add({ operation: 'FilterLogEvents', service: 'logs', effect, ...when }),
  };
}

async function allOf(reads: AsyncIterable<Read>): Promise<readonly Read[]> {
  const all: Read[] = [];
  for await (const read of reads) all.push(read);
  return all;
}

function messagesOf(reads: readonly Read[]): readonly string[] {
  return reads.flatMap((read) => (read.kind === 'page' ? read.events.map(({ event }) => event.message) : []));
}

t.test('a read hands out pages in order and says what it has covered', async (t) => {
  const { reader, plan, filterFault, clock } = await sceneOf(t, 5);
  filterFault({ kind: 'page-size', events: 2 });
  const startedAt = clock.now();

  const reads = await allOf(reader.read(plan, everything, never));

  t.same(messagesOf(reads), ['event 0', 'event 1', 'event 2', 'event 3', 'event 4']);
  t.same(
    reads.map((read) => (read.kind === 'page' ? read.safeHighWater : read.kind)),
    [plan.start + 1_000, plan.start + 3_000, plan.start + 4_000, 'complete'],
  );
  t.match(reads.at(-1), { what: 'poll', pages: 3, bytes: 35, highWater: plan.start + 4_000, startedAt });
});

t.test('only wanted events are handed out, with the destinations that want them', async (t) => {
  const { reader, plan } = await sceneOf(t, 3);
  const wanted: Wanted = { for: async () => [['a'], [], ['a', 'b']], room: () => 1 };

  const [page] = await allOf(reader.read(plan, wanted, never));

  t.match(page, {
    kind: 'page',
    bytes: 21,
    events: [
      { event: { message: 'event 0' }, destinations: ['a'] },
      { event: { message: 'event 2' }, destinations: ['a', 'b'] },
    ],
  });
});

t.test('both ends of a window are inclusive', async (t) => {
  const { reader, plan } = await sceneOf(t, 5);
  const { start } = plan;

  const reads = await allOf(
    reader.read({ ...plan, start: start + 1_000, end: start + 3_000 }, everything, never),
  );

  t.same(messagesOf(reads), ['event 1', 'event 2', 'event 3']);
});

t.test('no page vouches for a high water once pages are out of order', async (t) => {
  const { reader, plan, filterFault, aws } = await sceneOf(t, 2);
  aws.logs.insert(HOME, GROUP, [{ timestamp: plan.start, message: 'other', stream: 'z' }]);
  filterFault({ kind: 'unsorted' });
  filterFault({ kind: 'page-size', events: 2 });

  const [first, second, end] = await allOf(reader.read(plan, everything, never));

  t.match(first, { kind: 'page', safeHighWater: plan.start + 1_000 });
  t.notOk(second && 'safeHighWater' in second);
  t.match(end, { kind: 'complete', highWater: plan.start + 1_000 });
});

t.test('a read pauses as soon as nobody has room', async (t) => {
  const { reader, plan, filterFault } = await sceneOf(t, 4);
  filterFault({ kind: 'page-size', events: 2 });
  let room = 1;
  const narrow: Wanted = {
    for: async (events) => {
      room = 0;
      return events.map(() => ['siem']);
    },
    room: () => room,
  };

  const first = await allOf(reader.read(plan, narrow, never));
  const second = await allOf(reader.read(plan, narrow, never));

  t.same(messagesOf(first), ['event 0', 'event 1']);
  t.same(first.at(-1), { kind: 'paused', what: 'poll' });
  t.same(second, [{ kind: 'paused', what: 'poll' }]);
});

t.test('the next page is fetched while one is handed out, never more, and only if it has room', async (t) => {
  const { logs, clock, plan, filterFault } = await sceneOf(t, 6);
  filterFault({ kind: 'page-size', events: 2 });
  const calls: Promise<unknown>[] = [];
  const spy: LogsReader = {
    ...logs,
    filter(...call) {
      const answer = logs.filter(...call);
      calls.push(answer);
      return answer;
    },
  };
  const pace = createQuota(clock).paceOf(SOURCE, 1_000);
  const reader = createReader({ logs: spy, clock, source: SOURCE, pace });
  /** Calls that were made when each page came; what is ahead has been answered by then. */
  const callsAtPages = async (room: number): Promise<readonly number[]> => {
    const counts: number[] = [];
    calls.length = 0;
    for await (const read of reader.read(plan, { ...everything, room: () => room }, never)) {
      await Promise.all(calls);
      if (read.kind === 'page') counts.push(calls.length);
    }
    return counts;
  };

  t.same(await callsAtPages(1_000), [2, 3, 3]);
  t.same(await callsAtPages(14), [1, 2, 3], 'a page of 14 bytes leaves no room');
});

t.test('a read that is left takes back the page it has asked for', async (t) => {
  const { logs, clock, plan, filterFault } = await sceneOf(t, 4);
  filterFault({ kind: 'page-size', events: 2 });
  const signals: AbortSignal[] = [];
  const spy: LogsReader = {
    ...logs,
    filter(source, query, signal) {
      signals.push(signal);
      return logs.filter(source, query, signal);
    },
  };
  const pace = createQuota(clock).paceOf(SOURCE, 1_000);
  const reader = createReader({ logs: spy, clock, source: SOURCE, pace });

  for await (const _ of reader.read(plan, { ...everything, room: () => 1_000 }, never)) break;

  t.ok(signals.at(-1)?.aborted);
});

t.test('an aborted read ends without a verdict', async (t) => {
  const { reader, plan, filterFault, clock } = await sceneOf(t, 4);
  const abort = new AbortController();
  filterFault({ kind: 'hang', ms: MINUTE_MS });

  const reading = allOf(reader.read(plan, everything, abort.signal));
  await clock.advance(1_000);
  abort.abort();

  t.same(await reading, []);
});

t.test('after a refused token the window is read at once from its start, but only once', async (t) => {
  const { reader, plan, filterFault } = await sceneOf(t, 5);
  const refused = { kind: 'error', code: 'InvalidParameterException', message: 'bad token' } as const;
  filterFault({ kind: 'page-size', events: 2 });
  const remove = filterFault(refused, { after: 2, times: 1 });

  const restarted = await allOf(reader.read(plan, everything, never));
  remove();
  filterFault(refused, { after: 1, times: 1 });
  filterFault(refused, { after: 2, times: 1 });
  const failed = await allOf(reader.read(plan, everything, never));

  const firstPages = ['event 0', 'event 1', 'event 2', 'event 3'];
  t.same(messagesOf(restarted), [...firstPages, ...firstPages, 'event 4']);
  t.match(restarted.at(-1), { kind: 'complete', pages: 3, bytes: 35, highWater: plan.start + 4_000 });
  t.match(failed.at(-1), { kind: 'failed', cause: 'token', code: 'AWS-002' });
});

t.test('a refused token skips nothing where the first pages only seem to be in time order', async (t) => {
  const { reader, plan, filterFault, aws } = await sceneOf(t, 4);
  aws.logs.insert(HOME, GROUP, [{ timestamp: plan.start + 500, message: 'other', stream: 'z' }]);
  filterFault({ kind: 'unsorted' });
  filterFault({ kind: 'page-size', events: 2 });
  const refused = { kind: 'error', code: 'InvalidParameterException', message: 'bad token' } as const;
  filterFault(refused, { after: 2, times: 1 });

  const reads = await allOf(reader.read(plan, everything, never));

  const [first, second] = reads;
  t.match([first, second], [{ safeHighWater: plan.start + 1_000 }, { safeHighWater: plan.start + 3_000 }]);
  t.ok(messagesOf(reads).includes('other'));
  t.match(reads.at(-1), { kind: 'complete', pages: 3, highWater: plan.start + 3_000 });
});

t.test('S23 a session that ends between two pages is renewed once and the page repeated', async (t) => {
  const { logs, clock, aws, filterFault } = await sceneOf(t, 5, (test) => readerScope(test));
  filterFault({ kind: 'page-size', events: 1 });
  let calls = 0;
  const spy: LogsReader = {
    ...logs,
    filter(source, query, signal) {
      calls += 1;
      if (calls === 3) aws.world.principals.expireSessions(HOME.account);
      return logs.filter(source, query, signal);
    },
  };
  const tailer = createTailer({ logs: spy, clock, source: SOURCE });

  const end = await tailer.poll();

  t.match(end, { kind: 'complete', pages: 5 });
  t.equal(calls, 5);
  t.same(tailer.delivered('first'), ['event 0', 'event 1', 'event 2', 'event 3', 'event 4']);
});

t.test('S28 a group made again with the same event ids hides nothing', async (t) => {
  const { logs, clock, aws, plan } = await sceneOf(t);
  const tailer = createTailer({ logs, clock, source: SOURCE });
  const reused = { timestamp: plan.start, ingestionTime: plan.start + MINUTE_MS };
  const poll = async (): Promise<void> => {
    await tailer.checkGroup();
    await tailer.poll();
  };
  aws.logs.insert(HOME, GROUP, [{ ...reused, message: 'old group' }]);
  await poll();

  await clock.advance(60 * MINUTE_MS);
  aws.logs.groups(HOME).delete(GROUP);
  aws.logs.groups(HOME).create({ name: GROUP });
  aws.logs.insert(HOME, GROUP, [{ ...reused, message: 'new group' }]);
  await poll();
  await poll();

  t.same(tailer.delivered('first'), ['old group', 'new group']);
});

t.test('each failure has a cause, a code, a sentence and a least wait', async (t) => {
  const table = [
    { code: 'ThrottlingException', cause: 'throttled', error: 'AWS-001', retryAfterMs: 0 },
    { code: 'AccessDeniedException', cause: 'denied', error: 'AUTH-006', retryAfterMs: MINUTE_MS },
    { code: 'ResourceNotFoundException', cause: 'no-group', error: 'LOG-001', retryAfterMs: MINUTE_MS },
    {
      code: 'InvalidOperationException',
      cause: 'wrong-class',
      error: 'LOG-001',
      retryAfterMs: 15 * MINUTE_MS,
    },
    { code: 'InvalidParameterException', cause: 'kms', error: 'LOG-005', retryAfterMs: 0 },
    { code: 'ServiceUnavailableException', cause: 'service', error: 'AWS-002', retryAfterMs: 0 },
  ];
  for (const { code, cause, error, retryAfterMs } of table) {
    const { reader, plan, filterFault } = await sceneOf(t);
    filterFault({ kind: 'error', code, message: 'AWS says so' });

    const [failed] = await allOf(reader.read(plan, everything, never));

    t.match(failed, { kind: 'failed', what: 'poll', cause, code: error, retryAfterMs }, code);
    t.match(failed, { error: `FilterLogEvents of ${GROUP} in ${HOME.account} ${HOME.region}:` });
    t.match(failed, { error: `(${code}: AWS says so, request ` });
  }
});

t.test('a source that stays denied is asked more and more rarely, until it answers', async (t) => {
  const { reader, plan, filterFault } = await sceneOf(t);
  const denied = { kind: 'error', code: 'AccessDeniedException', message: 'no' } as const;
  filterFault(denied, { times: 4 });
  const waits: unknown[] = [];

  for (let i = 0; i < 5; i += 1) {
    const [read] = await allOf(reader.read(plan, everything, never));
    waits.push(read?.kind === 'failed' ? read.retryAfterMs / MINUTE_MS : read?.kind);
  }
  filterFault(denied);
  const [again] = await allOf(reader.read(plan, everything, never));

  t.same(waits, [1, 5, 15, 15, 'page']);
  t.match(again, { retryAfterMs: MINUTE_MS });
});

t.test('a throttled call halves the pace of its account and region', async (t) => {
  const { logs, clock, plan, filterFault } = await sceneOf(t);
  const pace = createQuota(clock).paceOf(SOURCE, 0.2);
  const reader = createReader({ logs, clock, source: SOURCE, pace });
  filterFault({ kind: 'error', code: 'ThrottlingException', message: 'Rate exceeded' }, { times: 1 });

  await allOf(reader.read(plan, everything, never));

  t.equal(pace.filterLogEvents.ratePerSecond(), 0.5);
  t.equal(pace.describeLogGroups.ratePerSecond(), 2);
});

t.test('describe tells when the group was made, how long it keeps events, and the time at AWS', async (t) => {
  const { reader, plan, clock } = await sceneOf(t);

  const before = reader.serviceNow();
  const group = await reader.describe(never);
  await clock.advance(1_500);

  t.equal(before, undefined);
  t.same(group, {
    kind: 'group',
    creationTime: plan.start,
    retentionDays: 30,
    serviceNow: plan.start + MINUTE_MS,
  });
  t.equal(reader.serviceNow(), clock.now());
});

t.test('describe knows the group by its whole name and by its class', async (t) => {
  const { aws, logs, clock } = await sceneOf(t);
  aws.logs.groups(HOME).create({ name: `${GROUP}-cold`, logClass: 'INFREQUENT_ACCESS' });
  const describe = (logGroup: string) => {
    const source = { ...SOURCE, logGroup };
    return createReader({ logs, clock, source, pace: createQuota(clock).paceOf(source, 1) }).describe(never);
  };

  t.match(await describe(GROUP), { kind: 'group' });
  t.match(await describe('/aws/events/guard'), { kind: 'failed', cause: 'no-group', code: 'LOG-001' });
  t.match(await describe(`${GROUP}-cold`), {
    kind: 'failed',
    cause: 'wrong-class',
    error: /INFREQUENT_ACCESS/,
  });
});

t.test('the time at AWS comes from its answers, and never runs behind the events', async (t) => {
  const { reader, plan, clock, filterFault } = await sceneOf(t, 1);
  const remove = filterFault({ kind: 'date-offset', ms: 3_600_000 });
  await allOf(reader.read(plan, everything, never));
  const ahead = reader.serviceNow();
  remove();

  filterFault({ kind: 'date-offset', ms: -3_600_000 });
  await allOf(reader.read(plan, everything, never));

  t.equal(ahead, clock.now() + 3_600_000);
  t.equal(reader.serviceNow(), clock.now(), 'the ingestion time of the event');
});

t.test(
  'unknown credentials: the account service tells a region that is off from keys that are bad',
  async (t) => {
    const { aws, reader, plan } = await sceneOf(t);

    aws.world.accounts.add({ id: HOME.account, regions: ['us-east-1'] });
    const [off] = await allOf(reader.read(plan, everything, never));
    aws.world.accounts.add({ id: HOME.account, regions: [] });
    const [bad] = await allOf(reader.read(plan, everything, never));

    t.match(off, {
      cause: 'region-off',
      code: 'REG-001',
      error: /ListRegions says DISABLED of eu-central-1/,
    });
    t.match(bad, { cause: 'credentials', code: 'AUTH-007' });
  },
);
