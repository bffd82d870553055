import { z } from 'zod';

const schema = z.object({
  oneOf: z.array(
    z.object({ properties: z.looseObject({ type: z.object({ const: z.string() }), id: z.unknown() }) }),
  ),
});

/** The options of each type of a union, as one writes them; without `id` and `type`, which all have. */
export function optionKinds(union: z.ZodType): ReadonlyMap<string, readonly string[]> {
  const { oneOf } = schema.parse(z.toJSONSchema(union, { io: 'input' }));
  return new Map(
    oneOf.map(({ properties: { id: _, type, ...options } }) => [type.const, Object.keys(options)]),
  );
}
