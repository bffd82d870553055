import { GetQueueAttributesCommand, GetQueueUrlCommand, QueueDoesNotExist } from '@aws-sdk/client-sqs';

import type { Missing } from './rule-calls.ts';
import { askService, type ServiceCallOptions, type UnansweredCall } from './service-call.ts';

export interface LiveQueue {
  readonly kind: 'queue';
  readonly url: string;
  /** Those that somebody is looking at right now, too. AWS's numbers are a minute old at most. */
  readonly messages: number;
}

export async function describeQueue(
  name: string,
  options: ServiceCallOptions,
): Promise<LiveQueue | Missing | UnansweredCall> {
  const { clients, scope, source, signal } = options;
  const client = clients.sqs(scope, source.region);
  const abort = { abortSignal: signal };
  const named = await askService('sqs:GetQueueUrl', options, async () => {
    const { QueueUrl: url = '' } = await client
      .send(new GetQueueUrlCommand({ QueueName: name }), abort)
      .catch(noQueue);
    return url === '' ? ({ kind: 'missing' } as const) : ({ kind: 'named', url } as const);
  });
  if (named.kind !== 'named') return named;
  const { url } = named;
  return askService('sqs:GetQueueAttributes', options, async () => {
    const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...COUNTS] });
    const { Attributes = {} } = await client.send(command, abort);
    const messages = COUNTS.reduce((sum, count) => sum + Number(Attributes[count] ?? 0), 0);
    return { kind: 'queue', url, messages };
  });
}

const COUNTS = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;

function noQueue(error: unknown): { readonly QueueUrl?: string } {
  if (error instanceof QueueDoesNotExist) return {};
  throw error;
}
