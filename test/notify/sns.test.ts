import t, { type Test } from 'tap';

import { createSnsChannel, snsOptions } from '../../agent/notify/channels/sns.ts';
import { testChannelContract } from '../support/channel-contract.ts';
import { AWS_IDENTITY, channelDeps } from '../support/channel-deps.ts';
import { heardAgain, hostile, silent } from '../support/notify/events.ts';
import { httpVendorHarness } from '../support/notify/http-vendor.ts';
import { failure, sns, TOPIC } from '../support/notify/sns.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { startWebhookReceiver } from '../support/webhook-receiver.ts';

const never = new AbortController().signal;

testChannelContract(httpVendorHarness(sns));

async function start(t: Test, given: Record<string, unknown>) {
  const receiver = await startWebhookReceiver(t);
  receiver.answer = (request) => sns.answer(request);
  const url = new URL(receiver.url).origin;
  const options = snsOptions.parse({ id: 'sms', type: 'sns', url, insecureTransport: true, ...given });
  const renewed: unknown[] = [];
  const deps = {
    ...channelDeps(createVirtualClock(), {}),
    awsIdentities: () => ({
      get: async () => AWS_IDENTITY,
      renew: (refused: unknown) => void renewed.push(refused),
    }),
  };
  const channel = createSnsChannel(options, deps);
  t.teardown(() => channel.close());
  const published = () => receiver.requests.map(({ text }) => Object.fromEntries(new URLSearchParams(text)));
  return { channel, receiver, renewed, published };
}

t.test('a topic gets a subject, a text with all particulars, and a short one for telephones', async (t) => {
  const { channel, published } = await start(t, { topicArn: TOPIC });

  await channel.send(silent(), never);

  const [{ Subject, Message = '' } = {}] = published();
  const { default: long, sms } = JSON.parse(Message);
  t.equal(Subject, 'guardrelay: globex: eu-central-1 is silent for 17 min (last heartbeat 20:53 UTC)');
  t.match(
    long,
    /^✖ globex: eu-central-1 is silent .*\n\nLikely: .*\n\nFix: guardrelay deploy .*\n\nEvent: source\.silent/s,
  );
  t.equal(
    sms,
    'globex: eu-central-1 is silent for 17 min (last heartbeat 20:53 UTC). Fix: guardrelay deploy --customer globex --region eu-central-1',
  );
});

t.test('a telephone gets one short text in plain ASCII', async (t) => {
  const { channel, published } = await start(t, { phoneNumber: '+4915112345678', region: 'eu-west-1' });

  await channel.send(silent({ title: 'globex: Zürich 😈 is silent', command: 'x'.repeat(500) }), never);
  await channel.send(hostile(), never);

  const [first, second] = published();
  t.equal(first?.Message, 'globex: Zurich ? is silent for 17 min (last heartbeat 20:53 UTC)');
  t.match(second?.Message, /^[ -~]{1,160}$/);
});

t.test('a topic that keeps the order keeps it for each key, and drops repeats', async (t) => {
  const { channel, published } = await start(t, { topicArn: `${TOPIC}.fifo` });

  const outcomes = [await channel.send(silent(), never), await channel.send(heardAgain(), never)];

  const [opened, closed] = published();
  t.same(outcomes, [{ kind: 'ok' }, { kind: 'ok' }]);
  t.equal(opened?.MessageGroupId, closed?.MessageGroupId);
  t.not(opened?.MessageDeduplicationId, closed?.MessageDeduplicationId);
});

t.test('a session that has ended is renewed, and the message tried again', async (t) => {
  const { channel, receiver, renewed } = await start(t, { topicArn: TOPIC });
  receiver.answer = () => failure(403, 'ExpiredToken', 'The security token is expired');

  const outcome = await channel.send(silent(), never);

  t.same(outcome, { kind: 'retry', why: 'Amazon SNS answered 403: ExpiredToken' });
  t.same(renewed, [AWS_IDENTITY]);
});

t.test('a session token stands in no outcome', async (t) => {
  const { channel, receiver } = await start(t, { topicArn: TOPIC });
  receiver.answer = ({ headers }) => ({ status: 403, body: String(headers['x-amz-security-token']) });

  t.match(await channel.send(silent(), never), { kind: 'refused', why: /answered 403: \*\*\*$/ });
});

const refused = {
  'neither topic nor telephone': {},
  both: { topicArn: TOPIC, phoneNumber: '+4915112345678' },
  'a telephone without a region': { phoneNumber: '+4915112345678' },
  'a queue': { topicArn: 'arn:aws:sqs:eu-west-1:111111111111:queue' },
};
for (const [what, given] of Object.entries(refused)) {
  t.test(`the configuration refuses ${what}`, async (t) => {
    t.equal(snsOptions.safeParse({ id: 'sms', type: 'sns', ...given }).success, false);
  });
}
