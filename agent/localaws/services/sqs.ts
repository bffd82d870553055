import { z } from 'zod';

import { answering, operationsRefusing } from '../operation.ts';
import type { Call, Place, Service } from '../service.ts';
import { AwsError } from '../service.ts';
import type { Queue, Queues } from '../sqs/queues.ts';
import { queueResources } from '../sqs/resources.ts';

const operation = operationsRefusing('InvalidParameterValue');

/** Messages that are delayed or being worked on do not occur here. */
function attributesOf({ arn, messages }: Queue): ReadonlyMap<string, string> {
  return new Map([
    ['QueueArn', arn],
    ['ApproximateNumberOfMessages', `${messages.length}`],
    ['ApproximateNumberOfMessagesNotVisible', '0'],
    ['ApproximateNumberOfMessagesDelayed', '0'],
  ]);
}

/** None but those that are named. */
function chosen(all: ReadonlyMap<string, string>, names: readonly string[]): unknown {
  const unknown = names.find((name) => name !== 'All' && !all.has(name));
  if (unknown !== undefined) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
  return Object.fromEntries([...all].filter(([name]) => names.includes('All') || names.includes(name)));
}

const getQueueAttributes = z.object({
  QueueUrl: z.string(),
  AttributeNames: z.array(z.string()).default([]),
});

function existing(queues: Queues, place: Place, id: string): Queue {
  const queue = queues.find(place, id);
  if (queue) return queue;
  throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
}

/** SQS, as far as the check of a dead-letter queue needs it. */
export function createSqsService(queues: Queues): Service {
  return {
    signingName: 'sqs',
    protocol: 'json-1.1',
    wireName: 'AmazonSQS',
    resources: queueResources(queues),
    access({ input, caller }: Call) {
      const named = input.QueueName ?? input.QueueUrl;
      const name = typeof named === 'string' ? named.split('/').at(-1) : '*';
      return [{ resource: `arn:${caller.partition}:sqs:${caller.region}:${caller.account}:${name}` }];
    },
    handle: answering({
      GetQueueUrl: operation(z.object({ QueueName: z.string() }), ({ QueueName }, place) => ({
        QueueUrl: existing(queues, place, QueueName).url,
      })),
      GetQueueAttributes: operation(getQueueAttributes, ({ QueueUrl, AttributeNames }, place) => ({
        Attributes: chosen(attributesOf(existing(queues, place, QueueUrl)), AttributeNames),
      })),
    }),
  };
}
