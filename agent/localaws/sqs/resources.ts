import { z } from 'zod';

import { namedResourceHandler } from '../named-resource.ts';
import { checkProperties } from '../properties.ts';
import type { Place, Properties, Resource, ResourceHandler } from '../service.ts';
import type { Queue, Queues } from './queues.ts';

/** Retention and encryption are taken and have no effect. */
const queueProperties = z.record(z.string(), z.json());
const policyProperties = z.object({ Queues: z.array(z.string()).min(1), PolicyDocument: z.unknown() });

function shown({ url, arn, name }: Queue): Resource {
  return { physicalId: url, attributes: { Arn: arn, QueueName: name, QueueUrl: url } };
}

function queueHandler(queues: Queues): ResourceHandler {
  return namedResourceHandler({
    type: 'AWS::SQS::Queue',
    nameProperty: 'QueueName',
    nameOf: (url) => url.slice(url.lastIndexOf('/') + 1),
    find(place, name) {
      const queue = queues.find(place, name);
      return queue && shown(queue);
    },
    read: (place, name) => ({ QueueName: name, ...queues.find(place, name)?.settings }),
    put(place, name, properties) {
      const queue = queues.find(place, name) ?? queues.create(place, name);
      queue.settings = checkProperties(queueProperties, properties);
      return shown(queue);
    },
    remove: (place, name) => queues.delete(place, name),
  });
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
