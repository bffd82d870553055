import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import t, { type Test } from 'tap';
import { z } from 'zod';
import { systemClock } from '../../agent/model/clock.ts';
import { createSnsChannel, snsOptions } from '../../agent/notify/channels/sns.ts';
import { channelDeps } from '../support/channel-deps.ts';
import { heardAgain, hostile, silent } from '../support/notify/events.ts';
import { OPERATOR, startMoto } from './support/moto.ts';

const never = new AbortController().signal;
const REGION = 'eu-west-1';
const notification = z.object({
  Type: z.literal('Notification'),
  TopicArn: z.string(),
  Subject: z.string(),
  Message: z.string(),
});

/** A call of SNS's or SQS's Query API, and what stands in the first such element of the answer. */
async function ask(url: string, call: Readonly<Record<string, string>>, element: string): Promise<string> {
  const service = call.Action?.includes('Queue') ? 'sqs' : 'sns';
  const scope = `Credential=${OPERATOR.accessKeyId}/20261120/${REGION}/${service}/aws4_request`;
  const headers = { authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=0` };
  const response = await fetch(url, { method: 'POST', headers, body: new URLSearchParams(call) });
  const text = await response.text();
  const [, value] = new RegExp(`<${element}>([^<]+)<`).exec(text) ?? [];
  if (value === undefined) throw new Error(text);
  return value;
}

/** A topic whose messages go into a queue. */
async function startTopic(t: Test) {
  const moto = await startMoto();
  t.teardown(moto.stop);
  const topicArn = await ask(moto.url, { Action: 'CreateTopic', Name: 'guardrelay' }, 'TopicArn');
  const queueUrl = await ask(moto.url, { Action: 'CreateQueue', QueueName: 'readers' }, 'QueueUrl');
  const queueArn = topicArn.replace(':sns:', ':sqs:').replace('guardrelay', 'readers');
  const subscription = { TopicArn: topicArn, Protocol: 'sqs', Endpoint: queueArn };
  await ask(moto.url, { Action: 'Subscribe', ...subscription }, 'SubscriptionArn');
  const queue = new SQSClient({ endpoint: moto.url, region: REGION, credentials: OPERATOR });
  t.teardown(() => queue.destroy());
  return {
    ...{ url: moto.url, topicArn },
    async received() {
      const request = { QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 2 };
      const { Messages = [] } = await queue.send(new ReceiveMessageCommand(request));
      return Messages.map(({ Body = '' }) => notification.parse(JSON.parse(Body)));
    },
  };
}

function open(t: Test, target: Readonly<Record<string, string>>) {
  const options = snsOptions.parse({ id: 'sns', type: 'sns', url, insecureTransport: true, ...target });
  const deps = {
    ...channelDeps(systemClock, {}),
    awsIdentities: () => ({ get: async () => OPERATOR, renew: () => {} }),
  };
  const channel = createSnsChannel(options, deps);
  t.teardown(() => channel.close());
  return channel;
}

const { url, topicArn, received } = await startTopic(t);

t.test('moto hands what is published on a topic to the queue behind it', async (t) => {
  const channel = open(t, { topicArn });

  const outcomes = [];
  for (const event of [silent(), heardAgain(), hostile()]) outcomes.push(await channel.send(event, never));

  t.same(outcomes, [{ kind: 'ok' }, { kind: 'ok' }, { kind: 'ok' }]);
  const messages = await received();
  const trigger = messages.find(({ Message }) =>
    Message.startsWith('✖ globex: eu-central-1 is silent for 17 min'),
  );
  t.equal(messages.length, 3);
  t.equal(
    trigger?.Subject,
    'guardrelay: globex: eu-central-1 is silent for 17 min (last heartbeat 20:53 UTC)',
  );
  t.ok(
    messages.some(({ Message }) => Message.startsWith('✔ globex: eu-central-1 is heard again after 47 min')),
  );
  t.ok(messages.some(({ Message }) => Message.includes('<script>alert(1)</script>')));
});

t.test('moto takes a text message for a telephone', async (t) => {
  const outcome = await open(t, { phoneNumber: '+4915112345678', region: REGION }).send(silent(), never);

  t.same(outcome, { kind: 'ok' });
});

t.test('moto refuses a topic that there is not, in its words', async (t) => {
  const outcome = await open(t, { topicArn: `${topicArn}-gone` }).send(silent(), never);

  t.match(outcome, { kind: 'refused', why: /answered 404: .*NotFound/ });
});
