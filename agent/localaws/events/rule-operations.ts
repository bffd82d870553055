import { z } from 'zod';
import type { Operation } from '../operation.ts';
import { operationsRefusing } from '../operation.ts';
import { pageOf } from '../paging.ts';
import type { EventBus } from './bus.ts';
import type { Rule } from './rules.ts';
import { RULE_STATES } from './rules.ts';

const operation = operationsRefusing('ValidationException');

/** Only the default bus exists: AWS's own services send to no other. */
const bus = {
  EventBusName: z
    .string()
    .regex(/^(arn:[^/]+\/)?default$/, 'only the event bus default exists')
    .optional(),
};
const paged = { NextToken: z.string().optional(), Limit: z.int().min(1).max(100).default(100) };
const oneRule = z.object({ ...bus, Name: z.string() });

const putRule = oneRule.extend({
  Description: z.string().max(512).optional(),
  EventPattern: z.string().optional(),
  ScheduleExpression: z.string().optional(),
  State: z.enum(RULE_STATES).optional(),
});

export const targetInput = z.looseObject({
  Id: z.string().regex(/^[._A-Za-z0-9-]{1,64}$/),
  Arn: z.string().min(1).max(1600),
  RoleArn: z.string().min(1).max(1600).optional(),
  DeadLetterConfig: z.object({ Arn: z.string().optional() }).optional(),
  RetryPolicy: z
    .object({
      MaximumRetryAttempts: z.int().min(0).max(185).optional(),
      MaximumEventAgeInSeconds: z.int().min(60).max(86_400).optional(),
    })
    .optional(),
});

const putTargets = z.object({ ...bus, Rule: z.string(), Targets: z.array(targetInput).min(1).max(100) });
const removeTargets = z.object({ ...bus, Rule: z.string(), Ids: z.array(z.string()).min(1) });
const listTargets = z.object({ ...bus, ...paged, Rule: z.string() });
const listRules = z.object({ ...bus, ...paged, NamePrefix: z.string().min(1).optional() });

const NO_FAILURES = { FailedEntryCount: 0, FailedEntries: [] };

function shownRule(rule: Rule): Readonly<Record<string, unknown>> {
  return {
    Name: rule.name,
    Arn: rule.arn,
    EventPattern: rule.eventPattern,
    ScheduleExpression: rule.scheduleExpression,
    State: rule.state,
    Description: rule.description,
    EventBusName: 'default',
  };
}

/** A page in the words of EventBridge. */
function listed<Item>(
  items: readonly Item[],
  { NextToken, Limit }: { NextToken?: string | undefined; Limit: number },
) {
  return pageOf(items, { nextToken: NextToken, limit: Limit, invalidCode: 'ValidationException' });
}

function setState(events: EventBus, State: 'ENABLED' | 'DISABLED'): Operation {
  return operation(oneRule, ({ Name }, place) => {
    const rules = events.rules(place);
    rules.put({ ...rules.get(Name), state: State });
  });
}

/** The operations on rules and their targets. */
export function ruleOperations(events: EventBus): Readonly<Record<string, Operation>> {
  return {
    PutRule: operation(putRule, (input, place) => {
      const rule = events.rules(place).put({
        name: input.Name,
        description: input.Description,
        eventPattern: input.EventPattern,
        scheduleExpression: input.ScheduleExpression,
        state: input.State,
      });
      return { RuleArn: rule.arn };
    }),
    DescribeRule: operation(oneRule, ({ Name }, place) => ({
      ...shownRule(events.rules(place).get(Name)),
      CreatedBy: place.account,
    })),
    ListRules: operation(listRules, ({ NamePrefix = '', ...paging }, place) => {
      const found = events
        .rules(place)
        .list()
        .filter(({ name }) => name.startsWith(NamePrefix));
      const { items, nextToken } = listed(found, paging);
      return { Rules: items.map(shownRule), NextToken: nextToken };
    }),
    EnableRule: setState(events, 'ENABLED'),
    DisableRule: setState(events, 'DISABLED'),
    DeleteRule: operation(oneRule, ({ Name }, place) => events.rules(place).delete(Name)),
    PutTargets: operation(putTargets, ({ Rule, Targets }, place) => {
      events.rules(place).addTargets(Rule, Targets);
      return NO_FAILURES;
    }),
    RemoveTargets: operation(removeTargets, ({ Rule, Ids }, place) => {
      events.rules(place).removeTargets(Rule, Ids);
      return NO_FAILURES;
    }),
    ListTargetsByRule: operation(listTargets, ({ Rule, ...paging }, place) => {
      const { items, nextToken } = listed([...events.rules(place).get(Rule).targets.values()], paging);
      return { Targets: items, NextToken: nextToken };
    }),
  };
}
