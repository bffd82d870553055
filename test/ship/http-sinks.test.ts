import t, { type Test } from 'tap';

import type { RenderableRec } from '../../agent/model/record.ts';
import type { Sink } from '../../agent/model/sink.ts';
import type { SinkDeps } from '../../agent/ship/destination.ts';
import { createSink, destinationOptions } from '../../agent/ship/sinks/index.ts';
import { plainFinding, recordBase, recordNamed, rendered, sinkDeps } from '../support/ship-records.ts';
import { datadogLogs } from '../support/sink-harness/datadog.ts';
import { lokiPush } from '../support/sink-harness/loki.ts';
import { otlpRecords } from '../support/sink-harness/otlp.ts';
import { sumoLines } from '../support/sink-harness/sumo-logic.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';

const never = new AbortController().signal;
const HOUR_MS = 3_600_000;

interface Scene {
  readonly sink: Sink;
  readonly receiver: WebhookReceiver;
  send(...records: readonly RenderableRec[]): ReturnType<Sink['send']>;
}

async function open(t: Test, given: Record<string, unknown>, deps: Partial<SinkDeps> = {}): Promise<Scene> {
  const receiver = await startWebhookReceiver(t);
  const url = new URL(typeof given.path === 'string' ? given.path : '/', receiver.url).href;
  const { path: _, ...rest } = given;
  const options = destinationOptions.parse({ id: 'd', url, insecureTransport: true, ...rest });
  const sink = createSink(options, sinkDeps(deps));
  t.teardown(() => sink.close(0));
  return {
    sink,
    receiver,
    send: (...records) => sink.send(sink.seal(records.map((record) => sink.encode(record))), never),
  };
}

const finding: RenderableRec = {
  ...recordBase,
  kind: 'finding',
  key: 'finding-1',
  raw: '{"say":"\\"hi\\""}',
  detail: {},
  finding: { ...plainFinding('High'), type: 'Recon:EC2/Portscan' },
};

t.test('Loki', async (t) => {
  t.test(
    'a line stands in the stream of its customer, account and region, at the time it arrived',
    async (t) => {
      const { receiver, send } = await open(t, { type: 'loki', tenant: 'acme', labels: { job: 'aws' } });
      receiver.answer = () => ({ status: 204 });

      const outcomes = await send(finding, recordNamed('r2'), { ...recordNamed('r3'), region: 'eu-west-1' });

      const [request] = receiver.requests;
      const stream = { job: 'aws', customer: 'acme', account: '123456789012' };
      t.same(outcomes[0], { kind: 'ok', grade: 'accepted' });
      t.equal(request?.headers['x-scope-orgid'], 'acme');
      t.match(request && lokiPush(request), {
        streams: [
          {
            stream: { ...stream, region: 'us-west-2' },
            values: [
              [
                '1784746039000000000',
                '{"say":"\\"hi\\""}',
                { id: 'finding-1', kind: 'finding', type: 'Recon:EC2/Portscan' },
              ],
              ['1784746039000000000', /r2/, { id: 'r2', kind: 'unparsed' }],
            ],
          },
          { stream: { ...stream, region: 'eu-west-1' }, values: [['1784746039000000000', /r3/]] },
        ],
      });
    },
  );

  t.test('41 an answer of 260, which tells of lines thrown away, is no success', async (t) => {
    const { receiver, send } = await open(t, { type: 'loki' });
    receiver.answer = () => ({ status: 260 });

    const outcomes = await send(finding);

    t.match(outcomes, [{ kind: 'blocked', why: 'config', detail: /answered 260/ }]);
  });

  t.test('lines that are too old for their stream come again with the time of now', async (t) => {
    const clock = createVirtualClock(Date.UTC(2026, 6, 30));
    const { receiver, send } = await open(t, { type: 'loki' }, { clock });
    const fresh = {
      ...recordNamed('fresh'),
      origin: { ...recordBase.origin, ingestionTime: clock.now() - 1 },
    };
    receiver.answer = () =>
      receiver.requests.length === 1
        ? { status: 400, body: "entry with timestamp 2026-07-22 ignored, reason: 'entry too far behind'" }
        : { status: 204 };

    const outcomes = await send(finding, fresh);

    const [first, second] = receiver.requests.map((request) => timesOf(lokiPush(request)));
    t.match(outcomes, [{ kind: 'ok' }, { kind: 'ok' }]);
    t.same(first, ['1784746039000000000', '1785369599999000000']);
    t.same(second, ['1785369600000000000', '1785369599999000000']);
  });

  t.test(
    'without metadata a line is its time and its text, by the time of the event if that is wanted',
    async (t) => {
      const { receiver, send } = await open(t, { type: 'loki', structuredMetadata: false, time: 'event' });

      await send(recordNamed('r1'));

      const [request] = receiver.requests;
      t.same(request && lokiPush(request)?.streams[0]?.values, [
        ['1784746037000000000', recordNamed('r1').raw],
      ]);
    },
  );
});

function timesOf(push: ReturnType<typeof lokiPush>): readonly string[] {
  return push?.streams.flatMap(({ values }) => values.map(([time]) => time)) ?? [];
}

t.test('OTLP', async (t) => {
  t.test('a log record has both times, its severity and what may be indexed', async (t) => {
    const { receiver, send } = await open(t, { type: 'otlp', path: '/otlp/v1/logs' });
    receiver.requests.length = 0;

    const outcomes = await send(finding);

    const [request] = receiver.requests;
    t.equal(request?.path, '/otlp/v1/logs', 'a path is kept');
    t.match(outcomes, [{ kind: 'ok', grade: 'accepted' }]);
    const record = request && otlpRecords({ ...request, path: '/v1/logs' })?.[0];
    t.match(record, {
      timeUnixNano: '1784746037000000000',
      observedTimeUnixNano: '1784746039000000000',
      severityNumber: 17,
      severityText: 'ERROR',
      body: { stringValue: '{"say":"\\"hi\\""}' },
    });
    t.same(Object.fromEntries(record?.attributes.map(({ key, value }) => [key, value.stringValue]) ?? []), {
      'log.record.uid': 'finding-1',
      'cloud.provider': 'aws',
      'cloud.account.id': '123456789012',
      'cloud.region': 'us-west-2',
      'guardrelay.customer': 'acme',
      'guardrelay.kind': 'finding',
      'guardrelay.type': 'Recon:EC2/Portscan',
    });
  });

  for (const rejected of ['2', 2]) {
    t.test(
      `41 a partial success that rejects ${JSON.stringify(rejected)} records acknowledges nothing`,
      async (t) => {
        const { receiver, send } = await open(t, { type: 'otlp' });
        const partialSuccess = { rejectedLogRecords: rejected, errorMessage: 'too many attributes' };
        receiver.answer = () => ({ status: 200, body: JSON.stringify({ partialSuccess }) });

        const outcomes = await send(finding, recordNamed('r2'));

        t.match(outcomes, [{ kind: 'reject', why: /too many attributes/ }, { kind: 'reject' }]);
      },
    );
  }

  for (const body of [
    '',
    '{}',
    '{"partialSuccess":{}}',
    '{"partialSuccess":{"rejectedLogRecords":"0"}}',
    'ok',
  ]) {
    t.test(`an answer of 200 with the body ${JSON.stringify(body)} takes everything`, async (t) => {
      const { receiver, send } = await open(t, { type: 'otlp' });
      receiver.answer = () => ({ status: 200, body });

      t.match(await send(finding), [{ kind: 'ok' }]);
    });
  }
});

t.test('Datadog', async (t) => {
  t.test('a log has the source that selects the pipeline, and tags', async (t) => {
    const clock = createVirtualClock(recordBase.time + HOUR_MS);
    const { receiver, send } = await open(
      t,
      { type: 'datadog', apiKey: 'env:KEY', tags: { env: 'prod' } },
      { clock },
    );
    receiver.answer = () => ({ status: 202 });

    const outcomes = await send(finding);

    const [request] = receiver.requests;
    t.match(outcomes, [{ kind: 'ok', grade: 'accepted' }]);
    t.equal(request?.headers['dd-api-key'], 'secret of env:KEY');
    t.same(request && datadogLogs(request), [
      {
        message: '{"say":"\\"hi\\""}',
        ddsource: 'guardduty',
        service: 'guardduty',
        ddtags: 'env:prod,customer:acme,account_id:123456789012,region:us-west-2,kind:finding',
      },
    ]);
  });

  t.test('nothing in a record makes up another tag', async (t) => {
    const clock = createVirtualClock(recordBase.time);
    const { receiver, send } = await open(t, { type: 'datadog', apiKey: 'env:KEY' }, { clock });
    receiver.answer = () => ({ status: 202 });

    await send({ ...finding, account: '1,customer:globex' });

    const [request] = receiver.requests;
    const [log] = (request && datadogLogs(request)) ?? [];
    t.equal(log?.ddtags, 'customer:acme,account_id:1_customer:globex,region:us-west-2,kind:finding');
  });

  t.test('41 what is older than Datadog takes is sent as text without a date, and only that', async (t) => {
    const clock = createVirtualClock(recordBase.time + 20 * HOUR_MS);
    const { receiver, send } = await open(t, { type: 'datadog', apiKey: 'env:KEY' }, { clock });
    receiver.answer = () => ({ status: 202 });

    await send(finding, { ...finding, key: 'young', time: clock.now() - HOUR_MS });

    const [request] = receiver.requests;
    const messages = request && datadogLogs(request)?.map(({ message }) => message);
    t.same(messages, ['late: {"say":"\\"hi\\""}', '{"say":"\\"hi\\""}']);
  });

  t.test('41 what is too old stays text without a date when it must be shortened', async (t) => {
    const clock = createVirtualClock(recordBase.time + 20 * HOUR_MS);
    const render = (_: RenderableRec, maxBytes: number) => rendered('x'.repeat(Math.min(maxBytes, 9_000)));
    const { receiver, send } = await open(t, { type: 'datadog', apiKey: 'env:KEY' }, { clock, render });
    receiver.answer = ({ text }) => ({ status: text.length > 5_000 ? 413 : 202 });

    const outcomes = await send(finding);

    const last = receiver.requests.at(-1);
    const [log] = (last && datadogLogs(last)) ?? [];
    t.match(outcomes, [{ kind: 'ok' }]);
    t.match(log?.message, /^late: x+$/);
    t.ok(log && log.message.length > 4_000);
  });

  t.test(
    'a log is shrunk until its JSON fits, because Datadog cuts a longer one and says that it took it',
    async (t) => {
      const render = (_: RenderableRec, maxBytes: number) =>
        rendered('"'.repeat(Math.min(maxBytes, 1_500_000)));
      const { receiver, send } = await open(t, { type: 'datadog', apiKey: 'env:KEY' }, { render });
      receiver.answer = () => ({ status: 202 });

      const outcomes = await send(finding);

      const [request] = receiver.requests;
      t.match(outcomes, [{ kind: 'ok' }]);
      t.ok(request && request.text.length <= 1_000_002 && request.text.length > 900_000);
    },
  );

  t.test('without a url it is the intake of the site', async (t) => {
    const options = { id: 'd', type: 'datadog', apiKey: 'env:KEY', site: 'datadog.invalid' };
    const sink = createSink(destinationOptions.parse(options), sinkDeps());
    t.teardown(() => sink.close(0));

    const [outcome] = await sink.send(sink.seal([sink.encode(finding)]), never);

    t.match(outcome, { kind: 'retry', why: /^DST-001: the name in http-intake\.logs\.datadog\.invalid:443/ });
  });
});

t.test('Sumo Logic', async (t) => {
  t.test('records are lines to an address that ends in the token, with their metadata', async (t) => {
    const metadata = {
      category: 'aws/guardduty',
      host: 'relay',
      name: 'acme',
      fields: { env: 'prod', a: 'b' },
    };
    const { receiver, send } = await open(t, {
      ...{ type: 'sumo-logic', path: '/receiver/v1/http', token: 'env:TOKEN' },
      ...metadata,
    });

    const outcomes = await send(finding, recordNamed('r2'));

    const [request] = receiver.requests;
    t.match(outcomes, [{ kind: 'ok', grade: 'accepted' }, { kind: 'ok' }]);
    t.equal(request && sumoLines(request)?.length, 2);
    t.match(request?.headers, {
      'x-sumo-category': 'aws/guardduty',
      'x-sumo-host': 'relay',
      'x-sumo-name': 'acme',
      'x-sumo-fields': 'env=prod,a=b',
    });
  });

  t.test('the token stands in no message, though the answer repeats it', async (t) => {
    const { receiver, send } = await open(t, {
      type: 'sumo-logic',
      path: '/receiver/v1/http',
      token: 'env:T',
    });
    receiver.answer = () => ({ status: 400, body: 'no source secret of env:T' });

    t.match(await send(finding), [{ kind: 'reject', why: /no source \*\*\*$/ }]);
  });

  t.test('43 the token stands in no message, though the answer repeats the address', async (t) => {
    const { receiver, send } = await open(t, {
      ...{ type: 'sumo-logic', path: '/receiver/v1/http', token: 'env:T' },
    });
    receiver.answer = ({ path }) => ({ status: 404, body: `no such page: ${path}` });

    t.match(await send(finding), [
      { kind: 'blocked', detail: /no such page: \/receiver\/v1\/http\/\*\*\*$/ },
    ]);
  });

  t.test('a field that no header can carry is a mistake in the configuration', async (t) => {
    const options = { id: 'd', type: 'sumo-logic', url: 'https://sumo.example.com/receiver/v1/http' };

    t.ok(destinationOptions.safeParse({ ...options, fields: { team: 'blue & green' } }).success);
    t.notOk(destinationOptions.safeParse({ ...options, fields: { team: '東京' } }).success);
  });

  t.test('where a header carries the token the address is as it is', async (t) => {
    const headers = { Authorization: 'env:T' };
    const { receiver, send } = await open(t, { type: 'sumo-logic', path: '/receiver/v1/http', headers });

    await send(finding);

    t.match(receiver.requests, [
      { path: '/receiver/v1/http', headers: { authorization: 'secret of env:T' } },
    ]);
  });
});
