import type { Logs } from '../logs/logs.ts';
import { createLogs } from '../logs/logs.ts';
import type { Service } from '../service.ts';
import type { World } from '../world.ts';
import { createAccountService } from './account.ts';
import { createLogsService } from './logs.ts';
import { createStsService } from './sts.ts';

/** Every service of the embedded AWS, and the inside of those that others write to. */
export interface Cloud {
  readonly services: readonly Service[];
  readonly logs: Logs;
}

/** The list of services: one more service is one more line. */
export function createCloud(world: World): Cloud {
  const logs = createLogs(world);
  const services = [createStsService(world), createAccountService(world), createLogsService(world, logs)];
  return { services, logs };
}
