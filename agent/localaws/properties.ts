import { z } from 'zod';
import type { JsonValue } from '../model/json.ts';
import { jsonOf } from '../model/json.ts';
import type { Properties } from './service.ts';
import { AwsError } from './service.ts';

/** A property whose value the service keeps as the text of a JSON document. */
export function propertyOf(document: string | undefined): JsonValue | undefined {
  return document === undefined ? undefined : z.json().parse(jsonOf(document));
}

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
