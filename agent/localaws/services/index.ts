import { createMetrics } from '../cloudwatch/metrics.ts';
import type { EventBus } from '../events/bus.ts';
import { createEventBus } from '../events/bus.ts';
import type { Logs } from '../logs/logs.ts';
import { createLogs } from '../logs/logs.ts';
import { createObjects, type Objects } from '../s3/objects.ts';
import type { Service } from '../service.ts';
import type { Queues } from '../sqs/queues.ts';
import { createQueues } from '../sqs/queues.ts';
import type { World } from '../world.ts';
import { createAccountService } from './account.ts';
import { createCloudFormationService } from './cloudformation.ts';
import { createCloudTrail, type Trails } from './cloudtrail.ts';
import { createCloudWatchService } from './cloudwatch.ts';
import { createEventsService } from './events.ts';
import type { GuardDuty } from './guardduty.ts';
import { createGuardDuty } from './guardduty.ts';
import { createIamService } from './iam.ts';
import { createLogsService } from './logs.ts';
import { createOrganizationsService } from './organizations.ts';
import { createSqsService } from './sqs.ts';
import { createStsService } from './sts.ts';

/** Every service of the embedded AWS, and the inside of those that others write to. */
export interface Cloud {
  readonly services: readonly Service[];
  readonly logs: Logs;
  readonly queues: Queues;
  readonly objects: Objects;
  readonly events: EventBus;
  readonly guardDuty: GuardDuty;
  readonly trails: Trails;
}

/** The list of services: one more service is one more line. */
export function createCloud(world: World): Cloud {
  const logs = createLogs(world);
  const queues = createQueues();
  const objects = createObjects();
  const metrics = createMetrics(world.clock);
  const events = createEventBus({ world, logs, queues, metrics });
  const { service: guardDutyService, ...guardDuty } = createGuardDuty(world, events);
  const { service: cloudTrailService, trails } = createCloudTrail();
  const services: readonly Service[] = [
    createStsService(world),
    createAccountService(world),
    createLogsService(world, logs),
    createSqsService(queues),
    createCloudWatchService(metrics),
    createEventsService(events),
    guardDutyService,
    createIamService(world),
    createOrganizationsService(world),
    cloudTrailService,
  ];
  const handlers = services.flatMap(({ resources }) => resources);
  return {
    services: [...services, createCloudFormationService(world, { handlers, objects })],
    logs,
    queues,
    objects,
    events,
    guardDuty,
    trails,
  };
}
