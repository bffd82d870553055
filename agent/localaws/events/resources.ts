import { z } from 'zod';

import { namedResourceHandler } from '../named-resource.ts';
import { checkProperties } from '../properties.ts';
import type { Resource, ResourceHandler } from '../service.ts';
import type { EventBus } from './bus.ts';
import { targetInput } from './rule-operations.ts';
import type { Rule, Rules } from './rules.ts';
import { RULE_STATES } from './rules.ts';

const ruleProperties = z.object({
  Description: z.string().optional(),
  EventPattern: z.record(z.string(), z.unknown()).optional(),
  ScheduleExpression: z.string().optional(),
  State: z.enum(RULE_STATES).optional(),
  Targets: z.array(targetInput).default([]),
});

function shown({ name, arn }: Rule): Resource {
  return { physicalId: name, attributes: { Arn: arn } };
}

function removeTargets(rules: Rules, { name, targets }: Rule): void {
  rules.removeTargets(name, [...targets.keys()]);
}

/** What CloudFormation can make in EventBridge: rules, with their targets. */
export function eventResources(events: EventBus): readonly ResourceHandler[] {
  const rule = namedResourceHandler({
    type: 'AWS::Events::Rule',
    nameProperty: 'Name',
    find(place, name) {
      const found = events.rules(place).find(name);
      return found && shown(found);
    },
    put(place, name, properties) {
      const wanted = checkProperties(ruleProperties, properties);
      const rules = events.rules(place);
      const put = rules.put({
        name,
        description: wanted.Description,
        eventPattern: wanted.EventPattern && JSON.stringify(wanted.EventPattern),
        scheduleExpression: wanted.ScheduleExpression,
        state: wanted.State,
      });
      removeTargets(rules, put);
      rules.addTargets(name, wanted.Targets);
      return shown(put);
    },
    remove(place, name) {
      const rules = events.rules(place);
      removeTargets(rules, rules.get(name));
      rules.delete(name);
    },
  });
  return [rule];
}
