import t, { type Test } from 'tap';

import type { SealedBatch } from '../../agent/model/batch.ts';
import { type Logger, silentLogger } from '../../agent/model/logger.ts';
import type { Outcome } from '../../agent/model/outcome.ts';
import type { RenderableRec } from '../../agent/model/record.ts';
import type { Sink } from '../../agent/model/sink.ts';
import type { SinkDeps } from '../../agent/ship/destination.ts';
import { createSplunkHecSink, splunkHecOptions } from '../../agent/ship/sinks/splunk-hec.ts';
import { insert, MEMBER, REGIONS, setScene } from '../support/agent-cli.ts';
import { HEC_CODES, type HecEvent, hecAnswer } from '../support/hec-indexer.ts';
import { type HecServer, startHecServer } from '../support/hec-server.ts';
import { networkRest } from '../support/network-rest.ts';
import { createRandom } from '../support/random.ts';
import { idIn, plainFinding, recordBase, recordNamed, rendered, sinkDeps } from '../support/ship-records.ts';
import { deliver } from '../support/sink-contract.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';

const never = new AbortController().signal;
const MINUTE_MS = 60_000;
const INDEXED: Outcome = { kind: 'ok', grade: 'indexed' };
const ACCEPTED: Outcome = { kind: 'ok', grade: 'accepted' };
const CONFIG = { kind: 'blocked', why: 'config', detail: /^DST-007: / };

function open(
  t: Test,
  { url }: Pick<HecServer, 'url'>,
  given: Record<string, unknown> = {},
  deps: Partial<SinkDeps> = {},
): Sink {
  const options = splunkHecOptions.parse({
    ...{ id: 'd', type: 'splunk-hec', url, token: 'env:T', insecureTransport: true },
    ...given,
  });
  const sink = createSplunkHecSink(options, sinkDeps(deps));
  t.teardown(() => sink.close(0));
  return sink;
}

function batchOf(sink: Sink, ...ids: readonly string[]): SealedBatch {
  return sink.seal(ids.map((id) => sink.encode(recordNamed(id))));
}

function kindsOf(outcomes: readonly Outcome[]): readonly string[] {
  return outcomes.map(({ kind }) => kind);
}

function idsIn(events: Iterable<HecEvent>): readonly string[] {
  return [...events].map(({ event }) => idIn(JSON.stringify(event)));
}

function networkClock(): VirtualClock {
  return createVirtualClock(Date.UTC(2026, 6, 22), networkRest);
}

/** Lets time pass, in steps of the longest wait between two questions, until the work has ended. */
async function finish<T>(clock: VirtualClock, work: Promise<T>): Promise<T> {
  let ended = false;
  const watched = work.finally(() => {
    ended = true;
  });
  while (!ended) await clock.advance(10_000);
  return watched;
}

const finding: RenderableRec = {
  ...recordBase,
  kind: 'finding',
  key: 'finding-1',
  raw: '{"detail-type": "GuardDuty Finding", "n": 1.0}',
  detail: {},
  finding: { ...plainFinding('High'), type: 'Recon:EC2/Portscan' },
};

t.test('an event has time, metadata, indexed fields and the text as it came', async (t) => {
  const server = await startHecServer(t);
  const sink = open(t, server, { index: 'main' });

  const outcomes = await sink.send(sink.seal([sink.encode(finding)]), never);

  const [post] = server.receiver.requests;
  t.same(outcomes, [INDEXED]);
  t.equal(
    post?.text,
    '{"time":1784746037,"host":"relay-1","source":"aws_cloudwatchevents_guardduty",' +
      '"sourcetype":"aws:cloudwatch:guardduty","index":"main","fields":{"guardrelay_id":"finding-1",' +
      '"guardrelay_kind":"finding","guardrelay_customer":"acme","guardrelay_account":"123456789012",' +
      '"guardrelay_region":"us-west-2","guardrelay_type":"Recon:EC2/Portscan"},' +
      '"event":{"detail-type": "GuardDuty Finding", "n": 1.0}}\n',
  );
  t.match(post, {
    path: '/services/collector/event',
    headers: {
      authorization: 'Splunk secret of env:T',
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      'x-splunk-request-channel': /^[0-9a-f-]{36}$/,
    },
  });
});

t.test('milliseconds, marks and a text that is no JSON object arrive, too', async (t) => {
  const server = await startHecServer(t);
  const sink = open(t, server, { ack: 'off' });
  server.token.ack = false;
  const record: RenderableRec = {
    ...recordNamed('r1'),
    ...{ raw: 'CEF:0|"x"\\', time: recordBase.time + 7, replay: true, backfill: true, account: '' },
  };

  const outcomes = await sink.send(sink.seal([sink.encode(record)]), never);

  t.same(outcomes, [ACCEPTED]);
  t.match(server.events(), [
    {
      time: 1_784_746_037.007,
      event: 'CEF:0|"x"\\',
      fields: { guardrelay_replay: 'true', guardrelay_backfill: 'true' },
    },
  ]);
  t.notOk(server.receiver.requests[0]?.text.includes('guardrelay_account'), 'an empty field is left out');
});

const notice: RenderableRec = { ...recordNamed('n') };
const filed: readonly (readonly [string, Record<string, unknown>, RenderableRec, Record<string, string>])[] =
  [
    [
      'a raw finding',
      { format: 'raw' },
      finding,
      { sourcetype: 'aws:cloudwatch:guardduty', source: 'aws_cloudwatchevents_guardduty' },
    ],
    [
      'a detail finding',
      { format: 'detail' },
      finding,
      { sourcetype: 'aws:cloudwatch:guardduty', source: 'guardrelay' },
    ],
    ['a json finding', { format: 'json' }, finding, { sourcetype: 'guardrelay:json', source: 'guardrelay' }],
    ['another raw record', { format: 'raw' }, notice, { sourcetype: 'guardrelay:raw', source: 'guardrelay' }],
    [
      'what is configured',
      { sourcetype: 'a', source: 'b c', host: 'd' },
      finding,
      { sourcetype: 'a', source: 'b c', host: 'd' },
    ],
  ];
for (const [what, given, record, expected] of filed) {
  t.test(`metadata of ${what}`, async (t) => {
    const server = await startHecServer(t);
    const sink = open(t, server, given);

    await sink.send(sink.seal([sink.encode(record)]), never);

    t.match(server.events(), [expected]);
    t.notOk(server.events().some((event) => 'index' in event));
  });
}

t.test('raw sends lines, with the metadata in the query and acknowledgements on the channel', async (t) => {
  const server = await startHecServer(t);
  const sink = open(t, server, { endpoint: 'raw', index: 'main', ack: 'required' });

  const outcomes = await sink.send(batchOf(sink, 'r1', 'r2'), never);

  t.same(outcomes, [INDEXED, INDEXED]);
  t.same(server.indexers[0]?.rawLines.map(idIn), ['r1', 'r2']);
  t.equal(
    server.receiver.requests[0]?.path,
    '/services/collector/raw?host=relay-1&source=aws_cloudwatchevents_guardduty' +
      '&sourcetype=aws%3Acloudwatch%3Aguardduty&index=main',
  );
  t.equal(server.receiver.requests[1]?.path, '/services/collector/ack');
});

const paths: readonly (readonly [string, string])[] = [
  ['', '/services/collector/event'],
  ['/services/collector', '/services/collector/event'],
  ['/services/collector/event/1.0', '/services/collector/event'],
  ['/splunk/', '/splunk/services/collector/event'],
  ['/x/services/collector/raw?tenant=a', '/x/services/collector/event?tenant=a'],
];
for (const [path, expected] of paths) {
  t.test(`the path ${path || 'of a bare URL'} becomes ${expected}`, async (t) => {
    const server = await startHecServer(t);
    server.override = () => hecAnswer(0);
    const sink = open(t, { url: server.url + path });

    await sink.send(batchOf(sink, 'r1'), never);

    t.equal(server.receiver.requests[0]?.path, expected);
  });
}

t.test('a record keeps within the batch when its text must be escaped', async (t) => {
  const server = await startHecServer(t);
  const sink = open(
    t,
    server,
    { batch: { maxBytes: 4_096 } },
    { render: (_, maxBytes) => ({ ...rendered('"'.repeat(maxBytes)), truncated: true }) },
  );

  const { bytes, truncated } = sink.encode(recordNamed('r1'));

  t.ok(bytes.length <= 4_096 && bytes.length > 3_500, `${bytes.length} bytes`);
  t.equal(truncated, true);
});

const RETRY = { kind: 'retry', why: /^DST-005: / };
const REJECT = { kind: 'reject', why: /^DST-005: /, code: '400' };
const AUTH = { kind: 'blocked', why: 'auth', detail: /^DST-004: / };
const meanings: readonly (readonly [readonly number[], object])[] = [
  [[0, 24, 25], ACCEPTED],
  [[8, 9, 18, 19, 20, 23, 26, 27], RETRY],
  [[5, 6, 12, 13, 15], REJECT],
  [[1, 2, 3, 4, 21, 22], AUTH],
  [[7, 10, 11, 14, 16, 17], CONFIG],
];
t.same(
  meanings.flatMap(([codes]) => codes).sort((one, other) => one - other),
  Object.keys(HEC_CODES).map(Number),
  'every code has a meaning',
);
for (const [codes, outcome] of meanings) {
  for (const code of codes) {
    t.test(`40 code ${code}, ${HEC_CODES[code]?.join(' ')}`, async (t) => {
      const server = await startHecServer(t);
      server.override = () => hecAnswer(code);
      const sink = open(t, server);

      const outcomes = await sink.send(batchOf(sink, 'r1', 'r2'), never);

      t.match(outcomes, [outcome, outcome]);
    });
  }
}

const foreign: readonly (readonly [string, number, string, object])[] = [
  ['a page of HTML', 200, '<html>Log in</html>', CONFIG],
  ['nothing', 200, '', CONFIG],
  ['a word', 200, 'OK', CONFIG],
  ['JSON of somebody else', 200, '{"status":"ok"}', CONFIG],
  ['JSON that is cut', 200, '{"text":"Success","code":0', CONFIG],
  ['a code that is no number', 200, '{"text":"Success","code":"0"}', CONFIG],
  ['an ackId that is no number', 200, '{"text":"Success","code":0,"ackId":"7"}', CONFIG],
  ['a status that HEC has not', 202, '{"text":"Success","code":0}', CONFIG],
  ['a 400 without a code', 400, '<html>Bad Request</html>', REJECT],
  ['a code with another status', 503, '{"text":"Success","code":0}', RETRY],
];
for (const [what, status, body, outcome] of foreign) {
  t.test(`40 ${what} with ${status} acknowledges nothing`, async (t) => {
    const server = await startHecServer(t);
    server.override = () => ({ status, body });
    const sink = open(t, server);

    const outcomes = await sink.send(batchOf(sink, 'r1', 'r2'), never);

    t.match(outcomes, [outcome, outcome]);
  });
}

t.test('40 only the event that HEC names is rejected, and the others are sent again', async (t) => {
  const server = await startHecServer(t);
  server.override = () => hecAnswer(6, { 'invalid-event-number': 2 });
  const sink = open(
    t,
    server,
    {},
    { render: ({ raw }) => (raw.includes('twice') ? rendered(raw, raw) : rendered(raw)) },
  );

  const counted = await sink.send(batchOf(sink, 'r1', 'r2', 'r3'), never);
  const twice = await sink.send(batchOf(sink, 'r1', 'twice', 'r3'), never);
  const beyond = await sink.send(batchOf(sink, 'r1', 'r2'), never);
  const alone = await sink.send(batchOf(sink, 'twice'), never);

  t.same(kindsOf(counted), ['retry', 'retry', 'reject']);
  t.same(kindsOf(twice), ['retry', 'reject', 'retry']);
  t.same(kindsOf(beyond), ['reject', 'reject'], 'a number that makes no sense accuses nobody');
  t.same(kindsOf(alone), ['reject']);
});

t.test('38 40 exactly the bad record stands in quarantine, and every other one arrives', async (t) => {
  const server = await startHecServer(t);
  const [indexer] = server.indexers;
  const sink = open(t, server);
  const ids = Array.from({ length: 30 }, (_, index) => (index === 17 ? 'poison' : `r${index}`));
  if (indexer) indexer.refuses = ({ event }) => JSON.stringify(event).includes('poison');

  const { final, quarantined } = await deliver(sink, ids);

  const arrived = idsIn(server.events());
  const posts = server.routed.filter(({ path }) => path.endsWith('/event')).length;
  t.same(quarantined, ['poison']);
  t.same([...final].sort(), ids.filter((id) => id !== 'poison').sort());
  t.same(new Set(arrived), new Set(final));
  t.ok(arrived.length <= 29 + 8, `${arrived.length - 29} of the 7 before it arrived twice`);
  t.ok(posts <= 3 + 5, `${posts} posts`);
});

t.test('40 a yes is said once, and one channel serves batch after batch', async (t) => {
  const server = await startHecServer(t);
  const sink = open(t, server);

  const outcomes: Outcome[] = [];
  for (const id of ['r1', 'r2', 'r3']) outcomes.push(...(await sink.send(batchOf(sink, id), never)));

  const asked = server.receiver.requests.filter(({ path }) => path.endsWith('/ack')).map(({ text }) => text);
  t.same(outcomes, [INDEXED, INDEXED, INDEXED]);
  t.same(asked, ['{"acks":[0]}', '{"acks":[1]}', '{"acks":[2]}']);
  t.equal(server.indexers[0]?.channels.size, 1);
});

t.test(
  '40 five minutes without a yes mean that the whole batch is sent again, on another channel',
  async (t) => {
    const server = await startHecServer(t);
    const [indexer] = server.indexers;
    const clock = networkClock();
    const sink = open(t, server, {}, { clock });
    const batch = batchOf(sink, 'r1', 'r2');
    if (indexer) indexer.indexesAtOnce = false;

    const outcomes = await finish(clock, sink.send(batch, never));
    const waitedMs = clock.monotonic();
    const asked = server.receiver.requests.length - 1;
    if (indexer) indexer.indexesAtOnce = true;
    const again = await finish(clock, sink.send(batch, never));

    t.match(outcomes, [RETRY, { why: /has not said that the batch is indexed/ }]);
    t.ok(waitedMs >= 5 * MINUTE_MS && waitedMs < 5.5 * MINUTE_MS, `after ${waitedMs} ms`);
    t.ok(asked > 20 && asked < 45, `asked ${asked} times`);
    t.same(again, [INDEXED, INDEXED]);
    t.equal(indexer?.channels.size, 2);
  },
);

const failures: readonly (readonly [string, HecServer['override'], object])[] = [
  ['busy', () => hecAnswer(9), { kind: 'retry', why: /answered 503/ }],
  ['broken JSON', () => ({ status: 200, body: '{"acks":{"0":tr' }), RETRY],
  ['answers for another number', () => ({ status: 200, body: '{"acks":{"1":true}}' }), RETRY],
  ['a yes that is a word', () => ({ status: 200, body: '{"acks":{"0":"true"}}' }), RETRY],
  ['an unknown path', () => ({ status: 404, body: '' }), CONFIG],
  ['an unknown channel', () => hecAnswer(11), CONFIG],
  ['a redirect', () => ({ status: 302, body: '' }), CONFIG],
  ['a refused token', () => hecAnswer(4), AUTH],
];
for (const [what, answer, outcome] of failures) {
  t.test(`40 the first 200 is not enough where the question for the ack gets ${what}`, async (t) => {
    const server = await startHecServer(t);
    const clock = networkClock();
    const sink = open(t, server, {}, { clock });
    server.override = (request) => (request.path.endsWith('/ack') ? answer?.(request) : undefined);

    const outcomes = await finish(clock, sink.send(batchOf(sink, 'r1'), never));

    t.match(outcomes, [outcome]);
  });
}

t.test('40 an acknowledgement that cannot be asked for blocks the probe, too, until it can', async (t) => {
  const server = await startHecServer(t);
  const sink = open(t, server);
  server.override = ({ path }) => (path.endsWith('/ack') ? { status: 404, body: '' } : undefined);

  const [during] = await sink.send(batchOf(sink, 'r1'), never);
  const probed = await sink.probe(never);
  server.override = undefined;
  const repaired = await sink.probe(never);

  t.match([during, probed, repaired], [CONFIG, CONFIG, { kind: 'ok' }]);
  t.same(idsIn(server.events()), ['r1'], 'no probe sends a record');
});

t.test('40 a question that gets lost is asked again', async (t) => {
  const server = await startHecServer(t);
  const clock = networkClock();
  const sink = open(t, server, {}, { clock });
  let questions = 0;
  server.override = ({ path }) => {
    if (path.endsWith('/ack')) questions += 1;
    return path.endsWith('/ack') && questions < 4 ? hecAnswer(8) : undefined;
  };

  const outcomes = await finish(clock, sink.send(batchOf(sink, 'r1'), never));

  t.same(outcomes, [INDEXED]);
  t.equal(questions, 4);
});

t.test('40 a token that changes while a batch waits is read anew', async (t) => {
  const server = await startHecServer(t);
  let token = server.token.value;
  const sink = open(t, server, {}, { readSecret: async () => token });
  server.override = ({ path }) => {
    if (path.endsWith('/ack')) server.token.value = 'the new one';
    token = server.token.value;
    return undefined;
  };

  const outcomes = await sink.send(batchOf(sink, 'r1'), never);

  t.same(outcomes, [INDEXED]);
});

t.test('40 of two indexers with the same numbers only the one that has the batch is asked', async (t) => {
  const server = await startHecServer(t, 2);
  const [one, other] = server.indexers;
  const clock = networkClock();
  const sink = open(t, server, { maxConcurrency: 4 }, { clock });
  const abort = new AbortController();
  if (other) other.indexesAtOnce = false;

  const ids = ['r1', 'r2', 'r3', 'r4', 'r5', 'r6'];
  const sending = ids.map((id) => sink.send(batchOf(sink, id), abort.signal));
  const first = sending.map(async (answers, index) =>
    (await answers)[0]?.kind === 'ok' ? ids[index] : undefined,
  );
  await clock.advance(MINUTE_MS);
  abort.abort();
  const confirmed = (await Promise.all(first)).filter((id) => id !== undefined);

  t.same([...confirmed].sort(), [...idsIn(one?.indexed ?? [])].sort());
  t.equal(confirmed.length, 3);
  t.equal(idsIn(other?.events ?? []).length, 3);
  t.same([one?.channels.size, other?.channels.size], [3, 3], 'nobody was asked for what the other one has');
});

t.test(
  '40 no batch is confirmed that is not indexed, however a load balancer mixes two indexers',
  async (t) => {
    for (let seed = 1; seed <= 10; seed += 1) await mixUp(t, seed);
  },
);

/** Cookies that hold or not, indexers that crash or index late, answers that get lost: then who was confirmed? */
async function mixUp(t: Test, seed: number): Promise<void> {
  const random = createRandom(seed);
  const server = await startHecServer(t, 2);
  const clock = networkClock();
  const sink = open(t, server, {}, { clock });
  for (const indexer of server.indexers) indexer.indexesAtOnce = false;
  server.override = () => {
    server.sticky = random.chance(0.5);
    const indexer = random.pick(server.indexers);
    if (random.chance(0.05)) indexer.crash();
    if (random.chance(0.1)) indexer.index();
    return random.chance(0.1) ? hecAnswer(9) : undefined;
  };

  let confirmed = 0;
  for (let count = 0; count < 10; count += 1) {
    const batches = [`${count}a`, `${count}b`].map((id) => batchOf(sink, id));
    const answers = await finish(clock, Promise.all(batches.map((batch) => sink.send(batch, never))));
    const safe = new Set(server.indexers.flatMap(({ indexed }) => idsIn(indexed)));
    const said = answers.flatMap(([outcome], index) =>
      outcome?.kind === 'ok' ? [`${count}${'ab'[index]}`] : [],
    );
    for (const id of said) if (!safe.has(id)) t.fail(`seed ${seed}: ${id} was confirmed and is lost`);
    confirmed += said.length;
  }

  t.ok(confirmed > 3, `seed ${seed}: ${confirmed} of 20 were confirmed`);
}

t.test('40 where the token acknowledges nothing prefer takes the 200, and says so once', async (t) => {
  const server = await startHecServer(t);
  const warnings: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (message) => warnings.push(message) };
  const sink = open(t, server, {}, { logger });
  server.token.ack = false;

  const outcomes: Outcome[] = [];
  for (const id of ['r1', 'r2']) outcomes.push(...(await sink.send(batchOf(sink, id), never)));
  const probed = await sink.probe(never);
  server.token.ack = true;
  outcomes.push(...(await sink.send(batchOf(sink, 'r3'), never)));

  t.same(outcomes, [ACCEPTED, ACCEPTED, INDEXED]);
  t.match(probed, { kind: 'ok' });
  t.match(warnings, [/acknowledges no indexing, only acceptance/]);
  t.equal(warnings.length, 1);
});

t.test('40 code 14 instead of a yes: accepted with prefer, blocked with required', async (t) => {
  const server = await startHecServer(t);
  const [prefer, required] = [open(t, server), open(t, server, { ack: 'required' })];
  server.override = ({ path }) => (path.endsWith('/ack') ? hecAnswer(14) : undefined);

  const outcomes = [
    ...(await prefer.send(batchOf(prefer, 'r1'), never)),
    ...(await required.send(batchOf(required, 'r2'), never)),
  ];
  server.override = undefined;
  const [next] = await prefer.send(batchOf(prefer, 'r3'), never);

  t.match(outcomes, [
    ACCEPTED,
    { ...CONFIG, detail: /acknowledges no indexing for this token, and ack is required/ },
  ]);
  t.same(next, INDEXED);
  t.equal(
    server.indexers[0]?.channels.size,
    3,
    'what nobody asked for may yet be said on a channel of its own',
  );
});

t.test('40 required blocks a token that acknowledges nothing, until it does', async (t) => {
  const server = await startHecServer(t);
  const sink = open(t, server, { ack: 'required' });
  server.token.ack = false;

  const [sent] = await sink.send(batchOf(sink, 'r1'), never);
  const probed = await sink.probe(never);
  server.token.ack = true;
  const repaired = await sink.probe(never);
  const [again] = await sink.send(batchOf(sink, 'r1'), never);

  t.match([sent, probed, repaired, again], [CONFIG, CONFIG, { kind: 'ok' }, INDEXED]);
});

t.test('40 off asks for nothing, and a token that insists on a channel blocks', async (t) => {
  const server = await startHecServer(t);
  const sink = open(t, server, { ack: 'off' });

  const [insisted] = await sink.send(batchOf(sink, 'r1'), never);
  server.token.ack = false;
  const [taken] = await sink.send(batchOf(sink, 'r1'), never);

  t.match([insisted, taken], [{ ...CONFIG, detail: /Data channel is missing/ }, ACCEPTED]);
  t.ok(server.receiver.requests.every(({ headers }) => headers['x-splunk-request-channel'] === undefined));
});

t.test('the probe is an empty POST, which a good token answers with code 5', async (t) => {
  const server = await startHecServer(t);
  const [indexer] = server.indexers;
  const sink = open(t, server);

  const good = await sink.probe(never);
  server.token.disabled = true;
  const disabled = await sink.probe(never);
  server.token.disabled = false;
  if (indexer) indexer.busy = true;
  const busy = await sink.probe(never);

  t.match([good, disabled, busy], [{ kind: 'ok' }, AUTH, RETRY]);
  t.same(server.events(), []);
});

t.test('cookies come back as they were set, without attributes, until they expire', async (t) => {
  const server = await startHecServer(t);
  const cookies = [
    'AWSALB=a+b/c==; Expires=Wed, 29 Jul 2026 18:47:17 GMT; Path=/',
    'AWSALB=2nd; Secure',
    'AWSALB=gone; Max-Age=0; Path=/',
    'no cookie',
    'a=1',
    'a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
  ];
  server.override = ({ path }) => ({
    ...(path.endsWith('/ack') ? { status: 200, body: '{"acks":{"0":true}}' } : hecAnswer(0, { ackId: 0 })),
    headers: { 'set-cookie': cookies.shift() ?? '' },
  });
  const sink = open(t, server);

  for (const id of ['r1', 'r2', 'r3', 'r4']) await sink.send(batchOf(sink, id), never);

  const sent = server.receiver.requests.map(({ headers }) => headers.cookie);
  t.same(sent, [
    ...[undefined, 'AWSALB=a+b/c==', 'AWSALB=2nd', undefined, undefined, 'a=1'],
    ...[undefined, undefined],
  ]);
});

t.test('the command line ships to Splunk, and what is indexed is never sent again', async (t) => {
  const server = await startHecServer(t, 2);
  const { aws, env, guardrelay } = await setScene(t, {
    destinations: [
      {
        ...{ id: 'siem', type: 'splunk-hec', url: server.url, token: 'env:EXTERNAL_ID' },
        insecureTransport: true,
      },
    ],
  });
  server.token.value = env.EXTERNAL_ID ?? '';
  for (const region of REGIONS) insert(aws, region, 3);

  const first = await guardrelay('run', '--once');
  const taken = server.events().length;
  const second = await guardrelay('run', '--once');

  t.match(first.stderr, '2 of 2 sources read to the end; delivered 6 to siem.');
  t.equal(taken, 6);
  t.match(second.stderr, 'delivered 0 to siem.');
  t.equal(server.indexers.flatMap(({ indexed }) => [...indexed]).length, 6);
  t.ok(server.events().every(({ event }) => JSON.stringify(event).includes(MEMBER)));
});

const mistakes: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
  ['a token in the file', { token: '00000000-0000-0000-0000-000000000000' }, /must be a reference/],
  [
    'http without saying that it is insecure',
    { url: 'http://splunk.example.com:8088' },
    /insecureTransport: true/,
  ],
  ['a compression that HEC does not know', { compression: 'zstd' }, /compression/],
  ['an index that Splunk cannot have', { index: 'GuardDuty' }, /lower-case letters/],
  ['a cookie of its own', { headers: { Cookie: 'env:C' } }, /guardrelay sets them itself/],
  ['a channel of its own', { headers: { 'X-Splunk-Request-Channel': 'x' } }, /guardrelay sets them itself/],
];
for (const [what, wrong, sentence] of mistakes) {
  t.test(`the configuration refuses ${what}`, async (t) => {
    const given = {
      id: 'd',
      type: 'splunk-hec',
      url: 'https://splunk.example.com:8088',
      token: 'env:T',
      ...wrong,
    };

    const parsed = splunkHecOptions.safeParse(given);

    t.equal(parsed.success, false);
    t.match(parsed.error?.message, sentence);
  });
}
