import { z } from 'zod';

import type { Tags } from '../../service.ts';
import type { ResourceDesk } from './resource-desk.ts';
import type { Stack, StackResource, Tag } from './stack.ts';

const withTags = z.object({ Tags: z.array(z.object({ Key: z.string(), Value: z.string() })).default([]) });

/** Gives every resource that takes tags those of its stack, its own, and those by which CloudFormation marks it. */
export function tagResources(desk: ResourceDesk, stack: Stack, stackTags: readonly Tag[]): void {
  for (const resource of [...stack.resources.values()]) {
    const { planned, physicalId, tags: before = {} } = resource;
    const { tag } = desk.handlerOf(planned);
    if (!tag) continue;
    const tags = tagsOf(resource, stack, stackTags);
    tag(stack.place, physicalId, { put: tags, remove: Object.keys(before).filter((key) => !(key in tags)) });
    stack.resources.set(planned.logicalId, { ...resource, tags });
  }
}

/** User Guide, "Resource tag": the keys that begin with `aws:` are CloudFormation's. */
function tagsOf(
  { planned, properties }: StackResource,
  { id, name }: Stack,
  stackTags: readonly Tag[],
): Tags {
  const own = withTags.safeParse(properties).data?.Tags ?? [];
  return {
    ...Object.fromEntries([...stackTags, ...own].map(({ Key, Value }) => [Key, Value])),
    'aws:cloudformation:stack-id': id,
    'aws:cloudformation:stack-name': name,
    'aws:cloudformation:logical-id': planned.logicalId,
  };
}
