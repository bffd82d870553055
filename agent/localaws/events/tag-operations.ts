import { z } from 'zod';

import type { Operation } from '../operation.ts';
import { operationsRefusing } from '../operation.ts';
import type { Place } from '../service.ts';
import { AwsError } from '../service.ts';
import { tagKey, tagValue } from '../tags.ts';
import type { EventBus } from './bus.ts';
import type { Rule } from './rules.ts';

const operation = operationsRefusing('ValidationException');

/** Rules on the default bus; event buses have no tags here. */
const ofRule = z.object({ ResourceARN: z.string().regex(/^arn:[^:]+:events:[^:]+:\d{12}:rule\/[^/]+$/) });
const tagged = ofRule.extend({ Tags: z.array(z.object({ Key: tagKey, Value: tagValue })).max(50) });
const untagged = ofRule.extend({ TagKeys: z.array(z.string()) });

/** The operations on the tags of rules. */
export function ruleTagOperations(events: EventBus): Readonly<Record<string, Operation>> {
  function ruleOf(place: Place, arn: string): Rule {
    const rule = events.rules(place).find(arn.slice(arn.lastIndexOf('/') + 1));
    if (rule?.arn === arn) return rule;
    throw new AwsError('ResourceNotFoundException', `Rule ${arn} does not exist.`);
  }

  return {
    TagResource: operation(tagged, ({ ResourceARN, Tags }, caller) => {
      const { tags } = ruleOf(caller, ResourceARN);
      for (const { Key, Value } of Tags) tags.set(Key, Value);
    }),
    UntagResource: operation(untagged, ({ ResourceARN, TagKeys }, caller) => {
      const { tags } = ruleOf(caller, ResourceARN);
      for (const key of TagKeys) tags.delete(key);
    }),
    ListTagsForResource: operation(ofRule, ({ ResourceARN }, caller) => ({
      Tags: [...ruleOf(caller, ResourceARN).tags].map(([Key, Value]) => ({ Key, Value })),
    })),
  };
}
