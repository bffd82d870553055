import type { Metrics } from '../cloudwatch/metrics.ts';
import type { Logs } from '../logs/logs.ts';
import { perPlace } from '../per-place.ts';
import type { Place } from '../service.ts';
import type { Queues } from '../sqs/queues.ts';
import type { World } from '../world.ts';
import { createDelivery } from './delivery.ts';
import type { EmittedEvent, EventEnvelope } from './envelope.ts';
import { complete } from './envelope.ts';
import type { Rule, Rules } from './rules.ts';
import { createRules } from './rules.ts';
import { createScheduler } from './schedule.ts';

/** What became of the events that rules sent to their targets. */
interface DeliveryCounts {
  delivered: number;
  deadLettered: number;
  dropped: number;
}

/** The default event buses of all accounts and regions. */
export interface EventBus {
  rules(place: Place): Rules;
  /** Sends an event, from any source, AWS's own too; answers its id. Delivered when the call returns. */
  emit(place: Place, event: EmittedEvent): string;
  counts(place: Place): Readonly<DeliveryCounts>;
  close(): void;
}

interface EventBusOptions {
  readonly world: World;
  readonly logs: Logs;
  readonly queues: Queues;
  readonly metrics: Metrics;
}

/** Buses without rules. */
export function createEventBus({ world, logs, queues, metrics }: EventBusOptions): EventBus {
  const scheduler = createScheduler(world.clock);
  const delivery = createDelivery({
    world,
    logs,
    queues,
    metrics,
    arrive: (place, event) => route(place, event, true),
  });
  const counts = perPlace((): DeliveryCounts => ({ delivered: 0, deadLettered: 0, dropped: 0 }));
  const { principals } = world;
  const rules = perPlace((place) =>
    createRules(place, { scheduler, principals, fire: (rule) => tick(place, rule) }),
  );

  function send(place: Place, rule: Rule, event: EventEnvelope, isForwarded = false): void {
    for (const target of rule.targets.values()) {
      const site = { ...place, service: 'events', operation: 'Deliver' };
      const copies = world.faults.take(site, 'duplicate')?.copies ?? 1;
      for (let copy = 0; copy < copies; copy += 1) {
        counts(place)[delivery.deliver({ place, rule, target, event, isForwarded })] += 1;
      }
    }
  }

  function tick(place: Place, rule: Rule): void {
    const scheduled = { source: 'aws.events', resources: [rule.arn], detail: {} };
    send(place, rule, complete(place, { 'detail-type': 'Scheduled Event', ...scheduled }, world));
  }

  function route(place: Place, event: EventEnvelope, isForwarded = false): void {
    for (const rule of rules(place).list()) {
      if (rule.state !== 'DISABLED' && rule.matches(event)) send(place, rule, event, isForwarded);
    }
  }

  return {
    rules,
    counts,
    emit(place, emitted) {
      const event = complete(place, emitted, world);
      route(place, event);
      return event.id;
    },
    close: () => scheduler.close(),
  };
}
