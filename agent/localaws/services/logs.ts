import { accountPolicyOperations } from '../logs/account-policy-operations.ts';
import { logEventOperations } from '../logs/event-operations.ts';
import { logGroupOperations } from '../logs/group-operations.ts';
import type { Logs } from '../logs/logs.ts';
import { resourcePolicyOperations } from '../logs/policy-operations.ts';
import { logResources } from '../logs/resources.ts';
import { logTagOperations } from '../logs/tag-operations.ts';
import { answering } from '../operation.ts';
import type { Access, Call, Service } from '../service.ts';
import type { World } from '../world.ts';

/** Their ARN ends with the name of the group. */
const TAG_OPERATION = /^(Tag|Untag|ListTagsFor)Resource$/;

/** Operations on one group are allowed by its ARN; the others know no resource (Service Authorization Reference). */
function accessTo({ operation, input, caller }: Call): readonly Access[] {
  const { logGroupName, logGroupIdentifier, resourceArn } = input;
  if (TAG_OPERATION.test(operation) && typeof resourceArn === 'string') return [{ resource: resourceArn }];
  const named = logGroupName ?? logGroupIdentifier;
  if (typeof named !== 'string') return [{}];
  const prefix = `arn:${caller.partition}:logs:${caller.region}:${caller.account}:log-group:`;
  return [{ resource: `${named.startsWith('arn:') ? named : prefix + named}:log-stream:` }];
}

/** CloudWatch Logs. */
export function createLogsService(world: World, logs: Logs): Service {
  return {
    signingName: 'logs',
    protocol: 'json-1.1',
    wireName: 'Logs_20140328',
    handle: answering({
      ...logGroupOperations(logs),
      ...logEventOperations(world, logs),
      ...resourcePolicyOperations(logs),
      ...accountPolicyOperations(logs),
      ...logTagOperations(logs),
    }),
    access: accessTo,
    resources: logResources(logs),
  };
}
