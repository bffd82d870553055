import type { EventBus } from '../events/bus.ts';
import { putEventsInput, putEventsOperation } from '../events/put-events.ts';
import { eventResources } from '../events/resources.ts';
import { ruleOperations } from '../events/rule-operations.ts';
import { ruleTagOperations } from '../events/tag-operations.ts';
import { answering } from '../operation.ts';
import type { Access, Call, Service } from '../service.ts';

/** Operations on a rule are allowed by its ARN, PutEvents by the bus and the source of each entry. */
function accessTo({ operation, input, caller }: Call): readonly Access[] {
  const prefix = `arn:${caller.partition}:events:${caller.region}:${caller.account}`;
  if (operation === 'PutEvents') {
    const entries = putEventsInput.safeParse(input).data?.Entries ?? [{}];
    return entries.map(({ Source = '' }: { Source?: string | undefined }) => ({
      resource: `${prefix}:event-bus/default`,
      context: { 'events:source': Source },
    }));
  }
  if (typeof input.ResourceARN === 'string') return [{ resource: input.ResourceARN }];
  const name = input.Name ?? input.Rule;
  return typeof name === 'string' ? [{ resource: `${prefix}:rule/${name}` }] : [{}];
}

/** EventBridge. */
export function createEventsService(events: EventBus): Service {
  return {
    signingName: 'events',
    protocol: 'json-1.1',
    wireName: 'AWSEvents',
    handle: answering({
      ...ruleOperations(events),
      ...ruleTagOperations(events),
      PutEvents: putEventsOperation(events),
    }),
    access: accessTo,
    resources: eventResources(events),
    close: () => events.close(),
  };
}
