import type { JsonObject } from '../../../model/json.ts';
import type { Resource } from '../../service.ts';
import type { PlannedResource } from '../template/planned-resource.ts';
import type { ResourceDesk } from './resource-desk.ts';
import type { Stack } from './stack.ts';

/**
 * What exists already and may be imported: its name stands in the template as it is, not behind a function, and no
 * stack owns it (page `import-resources-automatically`).
 */
export async function findImportable(
  desk: ResourceDesk,
  stack: Stack,
  { planned, properties }: { planned: PlannedResource; properties: JsonObject },
): Promise<Resource | undefined> {
  const found = await desk.handlerOf(planned).find?.(stack.place, properties);
  if (!found || !Object.values(planned.literalProperties).includes(found.physicalId)) return undefined;
  return desk.isOwned(stack, planned.declaration.Type, found.physicalId) ? undefined : found;
}
