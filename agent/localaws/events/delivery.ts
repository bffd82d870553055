import type { Metrics } from '../cloudwatch/metrics.ts';
import type { Logs } from '../logs/logs.ts';
import { streamOf } from '../logs/logs.ts';
import { acceptedBy } from '../logs/put.ts';
import type { Place } from '../service.ts';
import type { Queues } from '../sqs/queues.ts';
import type { World } from '../world.ts';
import type { EventEnvelope } from './envelope.ts';
import type { Rule } from './rules.ts';
import { busPlace, mayForward, type Target } from './targets.ts';

/** One event on its way from a rule to one of its targets. */
interface Delivery {
  readonly place: Place;
  readonly rule: Rule;
  readonly target: Target;
  readonly event: EventEnvelope;
  /** It came from another bus, and no bus sends it on to a third. */
  readonly isForwarded: boolean;
}

/** The ERROR_CODE of a dead letter. */
type Refusal = 'NO_PERMISSIONS' | 'RESOURCE_NOT_FOUND' | 'SDK_CLIENT_ERROR';

/** Brings events to log groups, and to the buses of other regions. */
export interface Deliverer {
  /** Says nothing to whoever caused the event, as on AWS. */
  deliver(delivery: Delivery): 'delivered' | 'deadLettered' | 'dropped';
}

interface DeliveryOptions {
  readonly world: World;
  readonly logs: Logs;
  /** They get what is refused. */
  readonly queues: Queues;
  readonly metrics: Metrics;
  /** The event as it is, on the bus of another place. */
  arrive(place: Place, event: EventEnvelope): void;
}

export function createDelivery({ world, logs, queues, metrics, arrive }: DeliveryOptions): Deliverer {
  /** The whole event as one line, in its own time; one stream for each rule. */
  function write({ place, rule, target, event }: Delivery): Refusal | undefined {
    const groups = logs.groups(place);
    const group = groups.find(target.Arn.split(':').slice(6).join(':'));
    if (group?.arn !== target.Arn) return 'RESOURCE_NOT_FOUND';
    const streamName = `events-${rule.name}`;
    if (!logs.policies(place).allowDelivery(group.arn, streamName, rule.arn)) return 'NO_PERMISSIONS';
    const logEvent = { timestamp: Date.parse(event.time), message: JSON.stringify(event) };
    const limits = { ...logs.accountRetention(place).of(group), now: world.clock.now() };
    const { accepted } = acceptedBy([logEvent], limits);
    logs.ingest(place, group, streamOf(groups, group, streamName), accepted);
    return accepted.length === 0 ? 'SDK_CLIENT_ERROR' : undefined;
  }

  /** Id, source, account, region and time stay those of the bus where it began. */
  function forward({ place, rule, target, event }: Delivery, bus: Place): Refusal | undefined {
    const context = { place, ruleArn: rule.arn, principals: world.principals };
    if (!mayForward(target, context)) return 'NO_PERMISSIONS';
    arrive(bus, event);
    return undefined;
  }

  /** User guide of EventBridge, "Monitoring": a metric with the rule alone is one of the default bus. */
  function count({ place, rule }: Delivery, name: string): void {
    metrics.count(place, { namespace: 'AWS/Events', name, dimensions: { RuleName: rule.name } });
  }

  function bury(delivery: Delivery, refusal: Refusal): boolean {
    const { place, rule, target, event } = delivery;
    const queueArn = target.DeadLetterConfig?.Arn;
    if (queueArn === undefined) return false;
    const attributes = {
      RULE_ARN: rule.arn,
      TARGET_ARN: target.Arn,
      ERROR_CODE: refusal,
      ERROR_MESSAGE: `The target could not be written to: ${refusal}`,
      RETRY_ATTEMPTS: '0',
    };
    const body = JSON.stringify(event);
    const isTaken = queues.takeDeadLetter(place, { queueArn, ruleArn: rule.arn, body, attributes });
    count(delivery, isTaken ? 'InvocationsSentToDlq' : 'InvocationsFailedToBeSentToDlq');
    return isTaken;
  }

  return {
    deliver(delivery) {
      // `Fn::GetAtt` gives a group's ARN with `:*`; such a target deploys, and nothing arrives or complains.
      if (delivery.target.Arn.endsWith(':*')) return 'dropped';
      const bus = busPlace(delivery.target, delivery.place);
      if (bus && delivery.isForwarded) return 'dropped';
      const site = { ...delivery.place, service: 'events', operation: 'Deliver' };
      const undeliverable = world.faults.take(site, 'undeliverable');
      const send = (): Refusal | undefined => (bus ? forward(delivery, bus) : write(delivery));
      const refusal = undeliverable ? 'NO_PERMISSIONS' : send();
      count(delivery, 'Invocations');
      if (refusal === undefined) return 'delivered';
      count(delivery, 'FailedInvocations');
      return bury(delivery, refusal) ? 'deadLettered' : 'dropped';
    },
  };
}
