import { z } from 'zod';

import type { JsonValue } from '../model/json.ts';
import type { TagChange } from './service.ts';

/** Tags as a caller may set them: those that begin with `aws:` are AWS's own (page `id_tags`). */
export const tagKey = z
  .string()
  .min(1)
  .max(128)
  .refine((key) => !/^aws:/i.test(key), {
    error: 'aws: prefixed tag key names are not allowed for external use.',
  });
export const tagValue = z.string().max(256);

/** As CloudFormation changes those that it gave. */
export function changeTags(tags: Map<string, string>, { put, remove }: TagChange): void {
  for (const key of remove) tags.delete(key);
  for (const [key, value] of Object.entries(put)) tags.set(key, value);
}

/** As a resource handler reads them: those of AWS are no property. */
export function tagsProperty(tags: ReadonlyMap<string, string>): JsonValue {
  return [...tags].flatMap(([Key, Value]) => (Key.startsWith('aws:') ? [] : [{ Key, Value }]));
}
