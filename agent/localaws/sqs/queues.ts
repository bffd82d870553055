import type { JsonObject } from '../../model/json.ts';
import { perPlace } from '../per-place.ts';
import type { Policy } from '../policy.ts';
import { isAllowed, parsePolicy } from '../policy.ts';
import { urlSuffix } from '../regions.ts';
import type { Place } from '../service.ts';
import { AwsError } from '../service.ts';

interface QueueMessage {
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Queue {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  readonly messages: QueueMessage[];
  /** Attributes that are taken and have no effect, in the names of CloudFormation. */
  settings: JsonObject;
  policy?: Policy;
}

/** A message that EventBridge puts into a queue for a rule. */
interface DeadLetter extends QueueMessage {
  readonly queueArn: string;
  readonly ruleArn: string;
}

/** SQS of all accounts and regions, as far as dead-letter queues need it. */
export interface Queues {
  create(place: Place, name: string): Queue;
  delete(place: Place, name: string): void;
  /** By name, URL or ARN. */
  find(place: Place, id: string): Queue | undefined;
  /** Undefined takes the policy off. */
  setPolicy(place: Place, id: string, document: unknown): void;
  /** Whether the queue exists and its policy lets EventBridge in. */
  takeDeadLetter(place: Place, letter: DeadLetter): boolean;
}

function checkName(name: string): void {
  if (/^[A-Za-z0-9_-]{1,80}$/.test(name)) return;
  throw new AwsError('InvalidParameterValue', `The queue name ${name} is not valid.`);
}

function admits({ policy, arn }: Queue, ruleArn: string): boolean {
  return isAllowed(policy ? [policy] : [], {
    action: 'sqs:SendMessage',
    principal: { service: 'events.amazonaws.com' },
    resource: arn,
    context: { 'aws:SourceArn': ruleArn },
  });
}

/** No queues to begin with. */
export function createQueues(): Queues {
  const queues = perPlace(() => new Map<string, Queue>());

  function find(place: Place, id: string): Queue | undefined {
    const byId = (queue: Queue): boolean => [queue.name, queue.url, queue.arn].includes(id);
    return [...queues(place).values()].find(byId);
  }

  return {
    create(place, name) {
      checkName(name);
      const { account, region, partition } = place;
      const queue: Queue = {
        name,
        url: `https://sqs.${region}.${urlSuffix(partition)}/${account}/${name}`,
        arn: `arn:${partition}:sqs:${region}:${account}:${name}`,
        messages: [],
        settings: {},
      };
      queues(place).set(name, queue);
      return queue;
    },
    delete: (place, name) => void queues(place).delete(name),
    find,
    setPolicy(place, id, document) {
      const queue = find(place, id);
      if (!queue) throw new AwsError('QueueDoesNotExist', `The queue ${id} does not exist.`);
      if (document === undefined) delete queue.policy;
      else queue.policy = parsePolicy(document);
    },
    takeDeadLetter(place, { queueArn, ruleArn, body, attributes }) {
      const queue = find(place, queueArn);
      if (!queue || !admits(queue, ruleArn)) return false;
      queue.messages.push({ body, attributes });
      return true;
    },
  };
}
