import { z } from 'zod';

import { destinationOptions } from '../../agent/ship/sinks/index.ts';

const schema = z.object({
  oneOf: z.array(
    z.object({ properties: z.looseObject({ type: z.object({ const: z.string() }), id: z.unknown() }) }),
  ),
});

/** The options of each kind of destination, as one writes them; without `id` and `type`, which all have. */
export function destinationKinds(): ReadonlyMap<string, readonly string[]> {
  const { oneOf } = schema.parse(z.toJSONSchema(destinationOptions, { io: 'input' }));
  return new Map(
    oneOf.map(({ properties: { id: _, type, ...options } }) => [type.const, Object.keys(options)]),
  );
}
