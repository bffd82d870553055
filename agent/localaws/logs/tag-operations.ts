import { z } from 'zod';

import type { Operation } from '../operation.ts';
import { operationsRefusing } from '../operation.ts';
import type { Place } from '../service.ts';
import { tagKey, tagValue } from '../tags.ts';
import type { LogGroup } from './groups.ts';
import type { Logs } from './logs.ts';
import { namedGroup } from './naming.ts';

const operation = operationsRefusing('InvalidParameterException');

/** The ARN of a log group without `:*`; other resources have no tags here. */
const ofResource = z.object({ resourceArn: z.string().regex(/^arn:[^:]+:logs:[^:]+:\d{12}:log-group:/) });
const MAX_TAGS = 50;

const tagged = ofResource.extend({
  tags: z
    .record(tagKey, tagValue)
    .refine((tags) => Object.keys(tags).length <= MAX_TAGS, { error: `at most ${MAX_TAGS} tags` }),
});
const untagged = ofResource.extend({ tagKeys: z.array(z.string()) });

/** The operations on the tags of log groups. */
export function logTagOperations(logs: Logs): Readonly<Record<string, Operation>> {
  const groupIn = (place: Place, logGroupIdentifier: string): LogGroup =>
    namedGroup(logs, place, { logGroupIdentifier });

  return {
    TagResource: operation(tagged, ({ resourceArn, tags }, caller) => {
      const group = groupIn(caller, resourceArn);
      for (const [key, value] of Object.entries(tags)) group.tags.set(key, value);
    }),
    UntagResource: operation(untagged, ({ resourceArn, tagKeys }, caller) => {
      const group = groupIn(caller, resourceArn);
      for (const key of tagKeys) group.tags.delete(key);
    }),
    ListTagsForResource: operation(ofResource, ({ resourceArn }, caller) => ({
      tags: Object.fromEntries(groupIn(caller, resourceArn).tags),
    })),
  };
}
