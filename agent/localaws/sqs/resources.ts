import { z } from 'zod';

import { checkProperties } from '../properties.ts';
import type { Place, Properties, Resource, ResourceHandler } from '../service.ts';
import { AwsError } from '../service.ts';
import type { Queue, Queues } from './queues.ts';

const queueProperties = z.object({ QueueName: z.string().optional() });
const policyProperties = z.object({ Queues: z.array(z.string()).min(1), PolicyDocument: z.unknown() });

function shown({ url, arn, name }: Queue): Resource {
  return { physicalId: url, attributes: { Arn: arn, QueueName: name, QueueUrl: url } };
}

/** `AWS::SQS::Queue`. Retention and encryption are taken and have no effect. */
function queueHandler(queues: Queues): ResourceHandler {
  function create(place: Place, properties: Properties, logicalId: string): Resource {
    const { QueueName: name = logicalId } = checkProperties(queueProperties, properties);
    if (queues.find(place, name)) throw new AwsError('AlreadyExists', `Queue ${name} already exists.`);
    return shown(queues.create(place, name));
  }

  return {
    type: 'AWS::SQS::Queue',
    create: async (place, properties, logicalId) => create(place, properties, logicalId),
    async update(place, physicalId, properties, logicalId) {
      const { QueueName } = checkProperties(queueProperties, properties);
      const queue = queues.find(place, physicalId);
      if (queue && queue.name === (QueueName ?? queue.name)) return shown(queue);
      return create(place, properties, logicalId);
    },
    delete: async (place, physicalId) => queues.delete(place, physicalId),
    async find(place, properties) {
      const { QueueName } = checkProperties(queueProperties, properties);
      const queue = QueueName === undefined ? undefined : queues.find(place, QueueName);
      return queue && shown(queue);
    },
  };
}

/** `AWS::SQS::QueuePolicy`: its physical id lists the queues, so that the policy can be taken off again. */
function queuePolicyHandler(queues: Queues): ResourceHandler {
  async function put(place: Place, properties: Properties): Promise<Resource> {
    const wanted = checkProperties(policyProperties, properties);
    for (const url of wanted.Queues) queues.setPolicy(place, url, wanted.PolicyDocument);
    return { physicalId: wanted.Queues.join(' '), attributes: {} };
  }

  return {
    type: 'AWS::SQS::QueuePolicy',
    create: put,
    update: (place, _physicalId, properties) => put(place, properties),
    async delete(place, physicalId) {
      const left = physicalId.split(' ').filter((url) => queues.find(place, url));
      for (const url of left) queues.setPolicy(place, url, undefined);
    },
  };
}

/** What CloudFormation can make in SQS. */
export function queueResources(queues: Queues): readonly ResourceHandler[] {
  return [queueHandler(queues), queuePolicyHandler(queues)];
}
