import { z } from 'zod';
import type { Properties } from './service.ts';
import { AwsError } from './service.ts';

/** Checks the properties of a CloudFormation resource; throws what CloudFormation then shows. */
export function checkProperties<Schema extends z.ZodType>(
  schema: Schema,
  properties: Properties,
): z.output<Schema> {
  const checked = schema.safeParse(properties);
  if (checked.success) return checked.data;
  const problems = z.prettifyError(checked.error);
  throw new AwsError('ValidationError', `Properties validation failed for the resource: ${problems}`);
}
