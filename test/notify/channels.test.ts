import t, { type Test } from 'tap';

import { createHeartbeatUrl, heartbeatUrlOptions } from '../../agent/notify/channels/heartbeat-url.ts';
import { testChannelContract } from '../support/channel-contract.ts';
import { channelDeps } from '../support/channel-deps.ts';
import { changed, heardAgain, hostile, silent } from '../support/notify/events.ts';
import { type HttpVendor, httpVendorHarness } from '../support/notify/http-vendor.ts';
import { pagerduty } from '../support/notify/pagerduty.ts';
import { servicenow } from '../support/notify/servicenow.ts';
import { slack, slackMessage } from '../support/notify/slack.ts';
import { webhook } from '../support/notify/webhook.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { startWebhookReceiver } from '../support/webhook-receiver.ts';

const never = new AbortController().signal;

for (const vendor of [webhook, slack, pagerduty, servicenow]) testChannelContract(httpVendorHarness(vendor));

/** A channel and what it has posted, parsed. */
async function start(t: Test, vendor: HttpVendor) {
  const receiver = await startWebhookReceiver(t);
  receiver.answer = (request) => vendor.answer(request);
  const channel = vendor.open(
    new URL(receiver.url).origin,
    channelDeps(createVirtualClock(), vendor.secrets),
  );
  t.teardown(() => channel.close());
  return { channel, receiver, posted: () => receiver.requests.map(({ text }) => JSON.parse(text)) };
}

t.test('Slack gets what happened, the cause, the command as code, the facts and a link', async (t) => {
  const { channel, posted } = await start(t, slack);

  await channel.send(silent(), never);

  const [{ text, blocks }] = posted();
  t.equal(text, '✖ globex: eu-central-1 is silent for 17 min (last heartbeat 20:53 UTC)');
  t.same(
    slackMessage.parse(posted()[0]).blocks.flatMap((block) => ('text' in block ? [block.text.text] : [])),
    [
      text,
      'Likely: log resource policy removed by role/terraform at 20:51',
      'Fix: `guardrelay deploy --customer globex --region eu-central-1`',
    ],
  );
  t.equal(blocks.at(-1).elements[0].text, '<https://relay.example.com/sources/globex|Open in guardrelay>');
});

t.test('nothing hostile is markup in Slack: no mention, no link, no end of the code', async (t) => {
  const { channel, posted } = await start(t, slack);

  await channel.send(hostile(), never);

  const { text, blocks } = slackMessage.parse(posted()[0]);
  const fix = blocks.flatMap((block) =>
    'text' in block && block.text.type === 'mrkdwn' ? [block.text.text] : [],
  );
  t.equal(fix.length, 1);
  t.match(fix[0], /^Fix: `&lt;!channel&gt; &lt;!here&gt; @channel[^`<>]*`$/);
  t.match(text, /&lt;!channel&gt;/);
});

t.test('Slack says why it refuses, and what to do', async (t) => {
  const { channel, receiver } = await start(t, slack);
  receiver.answer = () => slack.refusal;

  const outcome = await channel.send(silent(), never);

  t.match(outcome, {
    kind: 'refused',
    why: /answered 404: no_service; the webhook was removed or disabled: make/,
  });
});

t.test('PagerDuty gets an alert with all particulars, and its end by the same key', async (t) => {
  const { channel, posted } = await start(t, pagerduty);

  await channel.send(silent(), never);
  await channel.send(heardAgain(), never);

  const [opened, closed] = posted();
  t.match(opened, {
    event_action: 'trigger',
    dedup_key: silent().key,
    payload: {
      summary: /^✖ globex: eu-central-1 is silent for 17 min .* Fix: guardrelay deploy/,
      source: 'globex eu-central-1',
      severity: 'critical',
      timestamp: '2026-11-20T21:10:00.000Z',
      group: 'globex',
      class: 'source.silent',
      custom_details: {
        Account: '111111111111 payments-prod',
        Likely: /^log resource policy/,
        Fix: /^guardrelay/,
      },
    },
    client_url: 'https://relay.example.com/sources/globex',
  });
  t.same(closed, {
    routing_key: pagerduty.secrets['env:PD'],
    event_action: 'resolve',
    dedup_key: silent().key,
  });
});

const severities = {
  critical: 'critical',
  high: 'error',
  medium: 'warning',
  low: 'info',
  info: 'info',
} as const;
for (const [severity, theirs] of Object.entries(severities)) {
  t.test(`${severity} is ${theirs} at PagerDuty`, async (t) => {
    const { channel, posted } = await start(t, pagerduty);
    const [each] = (['critical', 'high', 'medium', 'low', 'info'] as const).filter(
      (name) => name === severity,
    );

    await channel.send(silent(each && { severity: each }), never);

    t.equal(posted()[0].payload.severity, theirs);
  });
}

t.test('a long key is the same hash each time, and what has no end is an alert of its own', async (t) => {
  const { channel, posted } = await start(t, pagerduty);
  const long = `guardrelay/${'x'.repeat(300)}`;

  await channel.send(silent({ key: long }), never);
  await channel.send({ ...heardAgain(), key: long }, never);
  await channel.send(changed(), never);
  await channel.send({ ...changed(), id: 'another' }, never);

  const [opened, closed, one, other] = posted().map(({ dedup_key: key }) => key);
  t.match(opened, /^guardrelay-[0-9a-f]{64}$/);
  t.equal(opened, closed);
  t.not(one, other);
});

t.test('ServiceNow gets a row of em_event, and one with severity 0 that clears it', async (t) => {
  const { channel, posted } = await start(t, servicenow);

  await channel.send(silent(), never);
  await channel.send(heardAgain(), never);

  const [opened, closed] = posted();
  const { additional_info: info, ...row } = opened;
  t.same(row, {
    source: 'guardrelay',
    event_class: 'guardrelay relay-eu-1',
    node: '111111111111',
    resource: 'eu-central-1',
    metric_name: 'source.silent',
    type: 'source.silent',
    message_key: silent().key,
    severity: '1',
    resolution_state: 'New',
    time_of_event: '2026-11-20 21:10:00',
    description:
      '✖ globex: eu-central-1 is silent for 17 min (last heartbeat 20:53 UTC). Likely: log resource policy removed by role/terraform at 20:51. Fix: guardrelay deploy --customer globex --region eu-central-1',
  });
  t.match(JSON.parse(info), { customer: 'Globex (globex)', code: 'SRC-001', severity: 'critical' });
  t.match(closed, { severity: '0', resolution_state: 'Closing', message_key: silent().key });
});

t.test('a dead-man’s switch is pinged by POST or GET, with nothing in it', async (t) => {
  const receiver = await startWebhookReceiver(t);

  for (const method of ['POST', 'GET']) {
    const pinger = openPinger(t, receiver.url, { method });
    t.same(await pinger.ping(never), { kind: 'ok' });
  }

  t.same(
    receiver.requests.map(({ method, path, text }) => [method, path, text]),
    [
      ['POST', '/in', ''],
      ['GET', '/in', ''],
    ],
  );
});

t.test('a ping that is not taken says why, without the secret that its URL is', async (t) => {
  const receiver = await startWebhookReceiver(t);
  receiver.answer = ({ path }) => ({ status: 404, body: `not found: ${path}` });
  const pinger = openPinger(t, 'env:PING', {}, { 'env:PING': `${receiver.url}/4bd0c6a4-secret` });

  const refused = await pinger.ping(never);
  receiver.stop();
  const unreachable = await pinger.ping(never);
  await pinger.close();

  t.match(refused, { kind: 'refused', why: /answered 404: not found: \*\*\*$/ });
  t.match(unreachable, { kind: 'retry', why: /cannot be reached \(ECONNREFUSED\)$/ });
});

function openPinger(
  t: Test,
  url: string,
  given: Record<string, unknown>,
  secrets: Record<string, string> = {},
) {
  const options = heartbeatUrlOptions.parse({
    ...{ id: 'switch', type: 'heartbeat-url', url, insecureTransport: true },
    ...given,
  });
  const pinger = createHeartbeatUrl(options, channelDeps(createVirtualClock(), secrets));
  t.teardown(() => pinger.close());
  return pinger;
}
