import { parseDocument } from 'yaml';
import { z } from 'zod';

import { invalid } from '../invalid.ts';
import { SHORT_FORMS } from './short-forms.ts';

/** Quota of a body that is not fetched from S3 (page `cloudformation-limits`). */
const MAX_BODY_BYTES = 51_200;

function mapOf<Item extends z.ZodType>(item: Item) {
  return z
    .record(z.string().regex(/^[A-Za-z0-9]+$/, { error: 'must be alphanumeric' }), item)
    .default({})
    .transform((members) => new Map(Object.entries(members)));
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const parameter = z.strictObject({
  Type: z.enum(['String', 'Number', 'CommaDelimitedList']),
  Default: scalar.optional(),
  Description: z.string().optional(),
  AllowedValues: z.array(scalar).optional(),
  AllowedPattern: z.string().refine(isPattern, { error: 'must be a regular expression' }).optional(),
  ConstraintDescription: z.string().optional(),
  MinLength: z.coerce.number().optional(),
  MaxLength: z.coerce.number().optional(),
  MinValue: z.coerce.number().optional(),
  MaxValue: z.coerce.number().optional(),
  NoEcho: scalar.optional(),
});

const resource = z.strictObject({
  Type: z.string(),
  Condition: z.string().optional(),
  DependsOn: z
    .union([z.string(), z.array(z.string())])
    .default([])
    .transform((names) => [names].flat()),
  DeletionPolicy: z.enum(['Delete', 'Retain', 'RetainExceptOnCreate']).default('Delete'),
  UpdateReplacePolicy: z.enum(['Delete', 'Retain']).default('Delete'),
  Metadata: z.json().optional(),
  Properties: z.record(z.string(), z.json()).default({}),
});

const rule = z.strictObject({
  RuleCondition: z.json().optional(),
  Assertions: z.array(z.strictObject({ Assert: z.json(), AssertDescription: z.string().optional() })),
});

const output = z.strictObject({
  Value: z.json(),
  Description: z.string().max(1024).optional(),
  Condition: z.string().optional(),
});

const shape = z.strictObject({
  AWSTemplateFormatVersion: z.literal('2010-09-09').optional(),
  Description: z.string().max(1024).optional(),
  Metadata: z.json().optional(),
  Parameters: mapOf(parameter),
  Rules: mapOf(rule),
  Mappings: mapOf(z.record(z.string(), z.record(z.string(), z.json()))),
  Conditions: mapOf(z.json()),
  Resources: mapOf(resource).refine((resources) => resources.size > 0, {
    error: 'At least one Resources member must be defined.',
  }),
  Outputs: mapOf(output),
});

/** A template in its long form, with the defaults of its sections filled in. */
export type Template = z.output<typeof shape>;
export type ParameterDeclaration = z.output<typeof parameter>;
export type ResourceDeclaration = z.output<typeof resource>;

/** YAML is a superset of JSON, so one reader serves both. */
function read(body: string): unknown {
  const document = parseDocument(body, { customTags: [...SHORT_FORMS] });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem) throw invalid(`Template format error: ${problem.message}`);
  return document.toJSON();
}

/** Reads a template body in YAML or JSON; throws the ValidationError that CloudFormation answers. */
export function parseTemplate(body: string): Template {
  if (Buffer.byteLength(body) > MAX_BODY_BYTES) {
    throw invalid(
      `1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to ${MAX_BODY_BYTES}`,
    );
  }
  const parsed = shape.safeParse(read(body));
  if (parsed.success) return parsed.data;
  throw invalid(`Template format error: ${z.prettifyError(parsed.error)}`);
}
