import { z } from 'zod';

import { checkProperties } from '../properties.ts';
import type { Place, Properties, Resource, ResourceHandler } from '../service.ts';
import { AwsError } from '../service.ts';
import type { EventBus } from './bus.ts';
import { targetInput } from './rule-operations.ts';
import type { Rule } from './rules.ts';
import { RULE_STATES } from './rules.ts';

const ruleProperties = z.object({
  Name: z.string().optional(),
  Description: z.string().optional(),
  EventPattern: z.record(z.string(), z.unknown()).optional(),
  ScheduleExpression: z.string().optional(),
  State: z.enum(RULE_STATES).optional(),
  Targets: z.array(targetInput).default([]),
});

function shown({ name, arn }: Rule): Resource {
  return { physicalId: name, attributes: { Arn: arn } };
}

/** What CloudFormation can make in EventBridge: `AWS::Events::Rule` with its targets. */
export function eventResources(events: EventBus): readonly ResourceHandler[] {
  function put(place: Place, name: string, properties: Properties): Resource {
    const wanted = checkProperties(ruleProperties, properties);
    const rules = events.rules(place);
    const rule = rules.put({
      name,
      description: wanted.Description,
      eventPattern: wanted.EventPattern && JSON.stringify(wanted.EventPattern),
      scheduleExpression: wanted.ScheduleExpression,
      state: wanted.State,
    });
    const kept = new Set(wanted.Targets.map(({ Id }) => Id));
    rules.removeTargets(
      name,
      [...rule.targets.keys()].filter((id) => !kept.has(id)),
    );
    rules.addTargets(name, wanted.Targets);
    return shown(rule);
  }

  function create(place: Place, properties: Properties, logicalId: string): Resource {
    const { Name: name = logicalId } = checkProperties(ruleProperties, properties);
    if (events.rules(place).find(name)) throw new AwsError('AlreadyExists', `${name} already exists.`);
    return put(place, name, properties);
  }

  const rule: ResourceHandler = {
    type: 'AWS::Events::Rule',
    create: async (place, properties, logicalId) => create(place, properties, logicalId),
    async update(place, physicalId, properties, logicalId) {
      const { Name: name = physicalId } = checkProperties(ruleProperties, properties);
      return name === physicalId ? put(place, name, properties) : create(place, properties, logicalId);
    },
    async delete(place, physicalId) {
      const rules = events.rules(place);
      const found = rules.find(physicalId);
      if (!found) return;
      rules.removeTargets(physicalId, [...found.targets.keys()]);
      rules.delete(physicalId);
    },
    async find(place, properties) {
      const { Name } = checkProperties(ruleProperties, properties);
      const found = Name === undefined ? undefined : events.rules(place).find(Name);
      return found && shown(found);
    },
  };
  return [rule];
}
