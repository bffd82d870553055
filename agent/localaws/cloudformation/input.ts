import { z } from 'zod';

/** In a form everything is text, and an empty list an empty text. */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z.preprocess((value) => (value === '' ? [] : value), z.array(item));
}

export const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
export const count = z.coerce.number().int().min(0);

export const stackName = z.string().regex(/^[a-zA-Z][-a-zA-Z0-9]{0,127}$/, {
  error: 'Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*',
});
export const requestToken = z.string().regex(/^[a-zA-Z0-9][-a-zA-Z0-9]{0,127}$/);

const parameter = z.object({
  ParameterKey: z.string(),
  ParameterValue: z.string().max(4096).optional(),
  UsePreviousValue: flag.optional(),
});
const tag = z.object({ Key: z.string().min(1).max(128), Value: z.string().max(256) });

export const parameters = listOf(parameter);
const tags = listOf(tag).refine((list) => list.length <= 50, { error: 'at most 50 tags' });
const capabilities = listOf(z.enum(['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND']));

/** The members by which a call says what to make. */
export const source = {
  TemplateBody: z.string().optional(),
  TemplateURL: z.string().max(5120).optional(),
  UsePreviousTemplate: flag.default(false),
  Parameters: parameters.default([]),
  Tags: tags.optional(),
  Capabilities: capabilities.default([]),
};
export type Source = z.output<z.ZodObject<typeof source>>;
