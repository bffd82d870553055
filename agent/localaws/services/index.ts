import type { EventBus } from '../events/bus.ts';
import { createEventBus } from '../events/bus.ts';
import type { Logs } from '../logs/logs.ts';
import { createLogs } from '../logs/logs.ts';
import type { Service } from '../service.ts';
import type { Queues } from '../sqs/queues.ts';
import { createQueues } from '../sqs/queues.ts';
import type { World } from '../world.ts';
import { createAccountService } from './account.ts';
import { createEventsService } from './events.ts';
import { createLogsService } from './logs.ts';
import { createSqsService } from './sqs.ts';
import { createStsService } from './sts.ts';

/** Every service of the embedded AWS, and the inside of those that others write to. */
export interface Cloud {
  readonly services: readonly Service[];
  readonly logs: Logs;
  readonly queues: Queues;
  readonly events: EventBus;
}

/** The list of services: one more service is one more line. */
export function createCloud(world: World): Cloud {
  const logs = createLogs(world);
  const queues = createQueues();
  const events = createEventBus(world, logs, queues);
  const services = [
    createStsService(world),
    createAccountService(world),
    createLogsService(world, logs),
    createSqsService(queues),
    createEventsService(events),
  ];
  return { services, logs, queues, events };
}
