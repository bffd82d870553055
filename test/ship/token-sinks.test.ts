import { createVerify } from 'node:crypto';
import t, { type Test } from 'tap';

import type { RenderableRec } from '../../agent/model/record.ts';
import type { Sink } from '../../agent/model/sink.ts';
import type { SinkDeps } from '../../agent/ship/destination.ts';
import { plainFinding, recordBase, recordNamed, rendered } from '../support/ship-records.ts';
import {
  keyFile,
  publicKey,
  SECOPS_PATH,
  secopsLogs,
  secopsOptionsAt,
  textOf,
} from '../support/sink-harness/google-secops.ts';
import { openSink } from '../support/sink-harness/open-sink.ts';
import {
  ENTRA_PATH,
  SENTINEL_PATH,
  sentinelOptionsAt,
  sentinelRows,
} from '../support/sink-harness/sentinel.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import {
  startWebhookReceiver,
  type WebhookReceiver,
  type WebhookRequest,
} from '../support/webhook-receiver.ts';

const never = new AbortController().signal;
const MINUTE_MS = 60_000;

const finding: RenderableRec = {
  ...recordBase,
  kind: 'finding',
  key: 'finding-1',
  raw: '{"say":"\\"hi\\""}',
  detail: {},
  finding: { ...plainFinding('High'), type: 'Recon:EC2/Portscan' },
};

interface Service extends WebhookReceiver {
  /** What becomes of a request for a token; at first token-1, token-2 and so on, for an hour. */
  issue: () => { readonly status: number; readonly body?: string };
}

const isForToken = ({ path }: WebhookRequest): boolean => path === ENTRA_PATH || path === '/token';

/** A service that takes records with the token it issued last. */
async function startService(t: Test): Promise<Service> {
  const receiver = await startWebhookReceiver(t);
  let issued = 0;
  const service: Service = Object.assign(receiver, {
    issue() {
      issued += 1;
      return { status: 200, body: JSON.stringify({ access_token: `token-${issued}`, expires_in: 3_600 }) };
    },
  });
  service.answer = (request) => {
    if (isForToken(request)) return service.issue();
    const isCurrent = request.headers.authorization === `Bearer token-${issued}`;
    return {
      status: isCurrent ? 204 : 401,
      ...(!isCurrent && { body: String(request.headers.authorization) }),
    };
  };
  return service;
}

function open(t: Test, { url }: Service, given: Record<string, unknown> = {}, deps: Partial<SinkDeps> = {}) {
  return openSink(t, { ...sentinelOptionsAt(url), insecureTransport: true, ...given }, deps);
}

function send(sink: Sink, ...records: readonly RenderableRec[]) {
  return sink.send(sink.seal(records.map((record) => sink.encode(record))), never);
}

function tokenRequests({ requests }: Service): readonly URLSearchParams[] {
  return requests.filter(isForToken).map(({ text }) => new URLSearchParams(text));
}

t.test('a token', async (t) => {
  t.test('is fetched once, with the secret of the application, and serves many batches', async (t) => {
    const service = await startService(t);
    const sink = open(t, service);

    const outcomes = await Promise.all([send(sink, recordNamed('r1')), send(sink, recordNamed('r2'))]);
    await send(sink, recordNamed('r3'));

    t.match(outcomes.flat(), [{ kind: 'ok' }, { kind: 'ok' }]);
    t.same(
      tokenRequests(service).map((form) => Object.fromEntries(form)),
      [
        {
          grant_type: 'client_credentials',
          client_id: 'client-1',
          client_secret: 'secret of env:SECRET',
          scope: 'https://monitor.azure.com//.default',
        },
      ],
    );
  });

  t.test('is renewed five minutes before it ends', async (t) => {
    const service = await startService(t);
    const clock = createVirtualClock(recordBase.time);
    const sink = open(t, service, {}, { clock });

    await send(sink, recordNamed('r1'));
    await clock.advance(54 * MINUTE_MS);
    await send(sink, recordNamed('r2'));
    const before = tokenRequests(service).length;
    await clock.advance(2 * MINUTE_MS);
    const [outcome] = await send(sink, recordNamed('r3'));

    t.same([before, tokenRequests(service).length], [1, 2]);
    t.match(outcome, { kind: 'ok' });
  });

  t.test('41 that is refused is renewed once, and then blocks, and no message repeats it', async (t) => {
    const service = await startService(t);
    const sink = open(t, service);
    await send(sink, recordNamed('r1'));
    service.issue = () => ({ status: 200, body: '{"access_token":"never good","expires_in":3600}' });
    service.answer = (request) =>
      isForToken(request)
        ? service.issue()
        : { status: 401, body: `what is ${request.headers.authorization}?` };

    const [outcome] = await send(sink, recordNamed('r2'));

    t.match(outcome, { kind: 'blocked', why: 'auth', detail: /answered 401: what is Bearer \*\*\*\?$/ });
    t.equal(tokenRequests(service).length, 2);
  });

  t.test('41 that was revoked meanwhile is renewed, and the batch is taken', async (t) => {
    const service = await startService(t);
    const sink = open(t, service);
    await send(sink, recordNamed('r1'));
    service.issue();

    const [outcome] = await send(sink, recordNamed('r2'));

    t.match(outcome, { kind: 'ok' });
  });

  t.test('is fetched once for all batches that were sent with the one that is refused', async (t) => {
    const service = await startService(t);
    const sink = open(t, service);
    await send(sink, recordNamed('r1'));
    const { promise: bothSent, resolve: release } = Promise.withResolvers<void>();
    const { answer } = service;
    service.issue();
    let late = 0;
    service.answer = (request) => {
      const isRefused = !isForToken(request) && request.headers.authorization === 'Bearer token-1';
      late += isRefused ? 1 : 0;
      if (!isRefused || late < 2) return answer(request);
      // It hears of its refusal when the other batch has a new token.
      return { write: (response) => void bothSent.then(() => response.writeHead(401).end()) };
    };

    const [first, second] = [send(sink, recordNamed('r2')), send(sink, recordNamed('r3'))];
    await Promise.race([first, second]);
    release();
    const outcomes = await Promise.all([first, second]);

    t.match(outcomes.flat(), [{ kind: 'ok' }, { kind: 'ok' }]);
    t.equal(tokenRequests(service).length, 2);
  });

  t.test('of a short life is used for half of it', async (t) => {
    const service = await startService(t);
    const { issue } = service;
    service.issue = () => ({ ...issue(), body: (issue().body ?? '').replace('3600', '240') });
    const clock = createVirtualClock(recordBase.time);
    const sink = open(t, service, {}, { clock });

    await send(sink, recordNamed('r1'));
    await clock.advance(MINUTE_MS);
    await send(sink, recordNamed('r2'));
    const before = tokenRequests(service).length;
    await clock.advance(2 * MINUTE_MS);
    await send(sink, recordNamed('r3'));

    t.same([before, tokenRequests(service).length], [1, 2]);
  });

  t.test('is asked for by a form that no message repeats', async (t) => {
    const service = await startService(t);
    service.answer = ({ text }) => ({ status: 400, body: text });
    const sink = open(t, service);

    const [outcome] = await send(sink, recordNamed('r1'));

    t.match(outcome, { kind: 'blocked', detail: /client_secret=\*\*\*&scope=/ });
  });

  const refusals: readonly (readonly [string, number, string, Record<string, unknown>])[] = [
    [
      'a wrong secret',
      401,
      'no: secret of env:SECRET',
      { kind: 'blocked', why: 'auth', detail: /401: no: \*\*\*$/ },
    ],
    [
      'an unknown application',
      400,
      'invalid_client',
      { kind: 'blocked', why: 'auth', detail: /invalid_client/ },
    ],
    ['a busy token service', 503, '', { kind: 'retry', why: /answered 503/ }],
    ['an answer without a token', 200, '{}', { kind: 'blocked', why: 'config', detail: /without a token/ }],
  ];
  for (const [name, status, body, expected] of refusals) {
    t.test(`${name} means ${expected.kind}, and no record is sent`, async (t) => {
      const service = await startService(t);
      service.issue = () => ({ status, body });
      const sink = open(t, service);

      const [sent, probed] = [(await send(sink, recordNamed('r1')))[0], await sink.probe(never)];

      t.match([sent, probed], [expected, expected]);
      t.ok(service.requests.every(isForToken));
    });
  }
});

t.test('Microsoft Sentinel', async (t) => {
  t.test('a row has the columns to filter by, and the text', async (t) => {
    const service = await startService(t);
    const sink = open(t, service);

    const outcomes = await send(sink, finding);

    t.match(outcomes, [{ kind: 'ok', grade: 'accepted' }]);
    t.same(
      service.requests.flatMap((request) => sentinelRows(request) ?? []),
      [
        {
          TimeGenerated: '2026-07-22T18:47:17.000Z',
          Customer: 'acme',
          AccountId: '123456789012',
          Region: 'us-west-2',
          Kind: 'finding',
          Type: 'Recon:EC2/Portscan',
          RecordId: 'finding-1',
          RawData: '{"say":"\\"hi\\""}',
        },
      ],
    );
  });

  t.test('a text is shrunk to what a column holds, because the service cuts it without a word', async (t) => {
    const service = await startService(t);
    const render = (_: RenderableRec, maxBytes: number) => rendered('"'.repeat(Math.min(maxBytes, 90_000)));
    const sink = open(t, service, {}, { render });

    await send(sink, finding);

    const [row] = service.requests.flatMap((request) => sentinelRows(request) ?? []);
    t.ok(row && row.RawData.length <= 64_000);
  });

  t.test('fields are those of the format, with the time', async (t) => {
    const service = await startService(t);
    const sink = open(t, service, { columns: 'fields' });

    await send(sink, finding);

    const [request] = service.requests.filter(({ path }) => path === SENTINEL_PATH);
    t.same(JSON.parse(request?.text ?? ''), [{ TimeGenerated: '2026-07-22T18:47:17.000Z', say: '"hi"' }]);
  });
});

t.test('Google SecOps', async (t) => {
  const readSecret = async (): Promise<string> => keyFile;

  t.test('a log is the text in base64, with both times and labels', async (t) => {
    const service = await startService(t);
    service.answer = (request) => (isForToken(request) ? service.issue() : { status: 200, body: '{}' });
    const sink = openSink(
      t,
      { ...secopsOptionsAt(service.url), insecureTransport: true, namespace: 'prod' },
      { readSecret },
    );

    const outcomes = await send(sink, finding, recordNamed('r2'));

    const [request] = service.requests.filter(({ path }) => path === SECOPS_PATH);
    const logs = request && secopsLogs(request);
    t.match(outcomes, [{ kind: 'ok', grade: 'accepted' }, { kind: 'ok' }]);
    t.same(logs?.map(textOf), ['{"say":"\\"hi\\""}', recordNamed('r2').raw]);
    t.match(logs?.[0], {
      logEntryTime: '2026-07-22T18:47:17.000Z',
      collectionTime: '2026-07-22T18:47:19.000Z',
      environmentNamespace: 'prod',
      labels: { customer: { value: 'acme' }, account: { value: '123456789012' }, kind: { value: 'finding' } },
    });
  });

  t.test(
    'the token is asked for by a JWT that the account has signed, wherever its file says to',
    async (t) => {
      const service = await startService(t);
      const clock = createVirtualClock(recordBase.time);
      const sink = openSink(
        t,
        { ...secopsOptionsAt(service.url), insecureTransport: true },
        { readSecret, clock },
      );

      await send(sink, finding);

      const [form] = tokenRequests(service);
      const [head = '', claims = '', signature = ''] = form?.get('assertion')?.split('.') ?? [];
      const verifier = createVerify('RSA-SHA256').update(`${head}.${claims}`);
      t.equal(form?.get('grant_type'), 'urn:ietf:params:oauth:grant-type:jwt-bearer');
      t.ok(verifier.verify(publicKey, signature, 'base64url'));
      t.same(JSON.parse(Buffer.from(head, 'base64url').toString()), {
        alg: 'RS256',
        typ: 'JWT',
        kid: 'key-1',
      });
      t.same(JSON.parse(Buffer.from(claims, 'base64url').toString()), {
        iss: 'relay@p-1.iam.gserviceaccount.com',
        scope: 'https://www.googleapis.com/auth/cloud-platform',
        aud: new URL('/token', service.url).href,
        iat: 1_784_746_037,
        exp: 1_784_749_637,
      });
    },
  );

  t.test('without a url it is the API of the location', async (t) => {
    const { url: _, ...options } = secopsOptionsAt('https://127.0.0.1');
    const sink = openSink(t, { ...options, tokenUrl: 'https://oauth2.invalid/token' }, { readSecret });

    t.equal(sink.place.name, `${options.location}-chronicle.googleapis.com:443`);
  });

  const broken: readonly (readonly [string, string])[] = [
    ['no JSON', 'token'],
    ['no key', '{"client_email":"a@b"}'],
    ['a key that cannot sign', JSON.stringify({ client_email: 'a@b', private_key: '-----PRIVATE KEY-----' })],
  ];
  for (const [name, key] of broken) {
    t.test(`a key file with ${name} blocks, and is not quoted`, async (t) => {
      const service = await startService(t);
      const sink = openSink(
        t,
        { ...secopsOptionsAt(service.url), insecureTransport: true },
        { readSecret: async () => key },
      );

      const [outcome] = await send(sink, finding);

      t.match(outcome, { kind: 'blocked', why: 'auth', detail: /^CFG-005: the secret of serviceAccount / });
      t.notMatch(JSON.stringify(outcome), /PRIVATE|a@b/);
    });
  }
});
