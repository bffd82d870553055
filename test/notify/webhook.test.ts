import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';

import type { ChannelDeps } from '../../agent/notify/channel.ts';
import { createWebhookChannel, webhookOptions } from '../../agent/notify/channels/webhook.ts';
import { channelDeps } from '../support/channel-deps.ts';
import { startForwardProxy } from '../support/forward-proxy.ts';
import { changed, EVIL, heardAgain, hostile, huge, silent } from '../support/notify/events.ts';
import { templateVendors } from '../support/notify/template-vendors.ts';
import { createAuthority } from '../support/tls-certificates.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { startWebhookReceiver } from '../support/webhook-receiver.ts';

const never = new AbortController().signal;
const SECRETS = { 'env:KEY': 'key-0123456789', 'env:URL': 'https://127.0.0.1:1/secret-path-0123' };

function open(t: Test, url: string, given: Record<string, unknown> = {}, deps: Partial<ChannelDeps> = {}) {
  const options = webhookOptions.parse({
    id: 'hook',
    type: 'webhook',
    url,
    insecureTransport: true,
    ...given,
  });
  const channel = createWebhookChannel(options, { ...channelDeps(createVirtualClock(), SECRETS), ...deps });
  t.teardown(() => channel.close());
  return channel;
}

t.test('the event itself is posted, with its text and an id that stays on every try', async (t) => {
  const receiver = await startWebhookReceiver(t);
  const channel = open(t, receiver.url, { headers: { 'x-tenant': 'soc' } });

  await channel.send(silent(), never);
  await channel.send(silent(), never);

  const [first, second] = receiver.requests;
  const { text, ...event } = JSON.parse(first?.text ?? '{}');
  t.same(event, silent());
  t.match(text, /^✖ globex: eu-central-1 is silent for 17 min/);
  t.match(first?.headers, { 'x-tenant': 'soc', 'content-type': 'application/json' });
  t.ok(first?.headers['webhook-id']);
  t.equal(first?.headers['webhook-id'], second?.headers['webhook-id']);
});

t.test('a huge event is posted without its details', async (t) => {
  const receiver = await startWebhookReceiver(t);

  await open(t, receiver.url).send(huge(), never);

  const event = JSON.parse(receiver.requests[0]?.text ?? '{}');
  t.ok((receiver.requests[0]?.wire.length ?? 0) < 50_000);
  t.same(event.details, { omitted: 'they are too large for a message' });
  t.equal(event.key, huge().key);
});

t.test('a redirect is refused, not followed', async (t) => {
  const receiver = await startWebhookReceiver(t);
  receiver.answer = () => ({ status: 302, headers: { location: `${receiver.url}/other` } });

  const outcome = await open(t, receiver.url).send(silent(), never);

  t.match(outcome, { kind: 'refused', why: /^127\.0\.0\.1:\d+ answered 302/ });
  t.equal(receiver.requests.length, 1);
});

t.test('an answer without an end is not read to its end', async (t) => {
  const receiver = await startWebhookReceiver(t);
  receiver.answer = () => ({
    write(response) {
      response.writeHead(500);
      response.write('x'.repeat(100_000));
    },
  });

  const outcome = await open(t, receiver.url).send(silent(), never);

  t.match(outcome, { kind: 'retry', why: /answered 500: x+…$/ });
});

t.test('a web page is no answer: it comes from something in between', async (t) => {
  const receiver = await startWebhookReceiver(t);
  receiver.answer = () => ({ status: 200, body: '<!DOCTYPE html><title>Please log in</title>' });

  const outcome = await open(t, receiver.url).send(silent(), never);

  t.match(outcome, { kind: 'refused', why: /answered with a web page; is it the right URL\?$/ });
});

t.test('a secret that would forge a header is refused', async (t) => {
  const receiver = await startWebhookReceiver(t);
  const readSecret = async () => 'token\r\nX-Evil: 1';

  const outcome = await open(t, receiver.url, { auth: { bearer: 'env:T' } }, { readSecret }).send(
    silent(),
    never,
  );

  t.match(outcome, { kind: 'refused', why: 'the secret env:T holds characters that a header cannot carry' });
  t.equal(receiver.requests.length, 0);
});

t.test('a file of authorities that is not there is said so', async (t) => {
  const receiver = await startWebhookReceiver(t);

  const outcome = await open(t, receiver.url, { caFile: '/no/such/ca.pem' }).send(silent(), never);

  t.match(outcome, { kind: 'refused', why: 'caFile /no/such/ca.pem cannot be read' });
  t.equal(receiver.requests.length, 0);
});

t.test('what the environment says of proxies is kept to, with the credentials for them', async (t) => {
  const receiver = await startWebhookReceiver(t);
  const proxy = await startForwardProxy(t);
  proxy.wants = 'Basic dTpw';
  const through = { host: '127.0.0.1', port: proxy.port, secure: false, authorization: 'Basic dTpw' };

  const outcome = await open(t, receiver.url, {}, { proxyFor: () => through }).send(silent(), never);

  t.same(outcome, { kind: 'ok' });
  t.equal(proxy.asked.length, 1);
});

t.test("a certificate of one's own authority is trusted where that is named, and no other", async (t) => {
  const authority = await createAuthority();
  const receiver = await startWebhookReceiver(t, await authority.issue({ addresses: ['127.0.0.1'] }));
  const caFile = join(t.testdir({}), 'ca.pem');
  writeFileSync(caFile, authority.cert);

  const trusting = await open(t, receiver.url, { caFile }).send(silent(), never);
  const distrusting = await open(t, receiver.url).send(silent(), never);

  t.same(trusting, { kind: 'ok' });
  t.match(distrusting, { kind: 'retry', why: /cannot be reached \(UNABLE_TO_VERIFY_LEAF_SIGNATURE\)/ });
});

t.test('clear text must be asked for, also behind a secret', async (t) => {
  const written = webhookOptions.safeParse({ id: 'a', type: 'webhook', url: 'http://example.com/' });
  const channel = open(
    t,
    'env:CLEAR',
    { insecureTransport: false },
    {
      readSecret: async () => 'http://example.com/path-0123456789',
    },
  );

  const outcome = await channel.send(silent(), never);

  t.match(written.error?.issues, [{ path: ['insecureTransport'] }]);
  t.match(outcome, { kind: 'refused', why: /^the secret env:CLEAR holds no https:\/\/ URL$/ });
});

t.test('a URL that is a secret stands in no outcome', async (t) => {
  const outcome = await open(t, 'env:URL').send(silent(), never);

  t.match(outcome, { kind: 'retry', why: /^127\.0\.0\.1:1 cannot be reached/ });
  t.notMatch(outcome, { why: /secret-path/ });
});

for (const [name, { options, object }] of Object.entries(templateVendors)) {
  const events = {
    trigger: silent(),
    end: heardAgain(),
    change: changed(),
    hostile: hostile(),
    huge: huge(),
  };
  for (const [kind, event] of Object.entries(events)) {
    t.test(`the template ${name} makes of a ${kind} what the vendor takes`, async (t) => {
      const receiver = await startWebhookReceiver(t);
      const url = name === 'teams' ? `${new URL(receiver.url).origin}/hook` : receiver.url;

      const outcome = await open(t, url, { template: name, ...options }).send(event, never);

      const isSilent = kind === 'end' && ['jira', 'zendesk'].includes(name);
      t.same(outcome, { kind: 'ok' });
      t.same(
        receiver.requests.map((request) => object(request)),
        isSilent ? [] : [undefined],
      );
      if (!isSilent && kind === 'trigger')
        t.match(receiver.requests[0]?.text, /eu-central-1 is silent for 17 min/);
    });
  }
}

t.test('what Opsgenie opened it closes by the same alias', async (t) => {
  const receiver = await startWebhookReceiver(t);
  const channel = open(t, receiver.url, { template: 'opsgenie' });

  await channel.send(silent(), never);
  await channel.send(heardAgain(), never);

  const [opened, closed] = receiver.requests;
  const { alias } = JSON.parse(opened?.text ?? '{}');
  t.equal(closed?.path, `/v2/alerts/${encodeURIComponent(alias)}/close?identifierType=alias`);
});

t.test("a template of one's own is filled with fields, as text only", async (t) => {
  const receiver = await startWebhookReceiver(t);
  const body = {
    a: '{{title}}',
    b: ['{{severity critical=1 high=2}}', '{{title 5}}'],
    c: { $when: '{{destination}}', d: 1 },
  };
  const folder = t.testdir({ 'own.json': JSON.stringify({ trigger: { path: '/x/{{customer}}', body } }) });

  const channel = open(t, receiver.url, { template: join(folder, 'own.json') });
  await channel.send(silent({ title: '", "forged": "{{key}}' }), never);

  t.equal(receiver.requests[0]?.path, '/x/globex');
  t.same(JSON.parse(receiver.requests[0]?.text ?? ''), {
    a: '", "forged": "{ {key} }',
    b: ['1', '", "…'],
  });
});

const broken = {
  'asks for a field that there is not': ['{"trigger": {"body": "{{nothing}}"}}', /asks for \{\{nothing\}\}/],
  'is no JSON': ['{', /is no template/],
  'asks for what every object has': [
    '{"trigger": {"body": "{{constructor}}"}}',
    /asks for \{\{constructor\}\}/,
  ],
  'leads to another host': [
    '{"trigger": {"path": "//evil.example", "body": 1}}',
    /must begin with one slash/,
  ],
  'has a key that nobody knows': ['{"trigger": {"body": 1}, "begin": 1}', /begin/],
} as const;
for (const [what, [text, why]] of Object.entries(broken)) {
  t.test(`a template that ${what} is refused with the reason`, async (t) => {
    const receiver = await startWebhookReceiver(t);
    const template = join(t.testdir({ 'own.json': text }), 'own.json');

    const outcome = await open(t, receiver.url, { template }).send(silent(), never);

    t.match(outcome, { kind: 'refused', why });
    t.equal(receiver.requests.length, 0);
  });
}

t.test('a link in a Teams card cannot come out of hostile text', async (t) => {
  const receiver = await startWebhookReceiver(t);

  await open(t, receiver.url, { template: 'teams' }).send(hostile(), never);

  const card = JSON.parse(receiver.requests[0]?.text ?? '{}').attachments[0].content;
  t.ok(EVIL.includes('javascript') === false && hostile().link?.startsWith('javascript:'));
  t.same(card.actions, []);
});
