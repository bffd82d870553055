import { z } from 'zod';

import type { JsonObject } from '../../model/json.ts';
import { namedResourceHandler } from '../named-resource.ts';
import { checkProperties, propertyOf } from '../properties.ts';
import type { Resource, ResourceHandler } from '../service.ts';
import { changeTags, tagsProperty } from '../tags.ts';
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

/** As its resource handler reads it. */
function propertiesOf({ name, eventPattern, targets, tags, ...rule }: Rule): JsonObject {
  return {
    Name: name,
    Description: rule.description,
    EventPattern: propertyOf(eventPattern),
    ScheduleExpression: rule.scheduleExpression,
    State: rule.state,
    Targets: z.array(z.json()).parse([...targets.values()]),
    Tags: tagsProperty(tags),
  };
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
    read: (place, name) => propertiesOf(events.rules(place).get(name)),
    tag: (place, name, change) => changeTags(events.rules(place).get(name).tags, change),
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
