import { readFileSync } from 'node:fs';
import { z } from 'zod';

import { isJsonObject, type JsonObject } from '../../agent/model/json.ts';

const SCHEMA = new URL('../fixtures/ocsf/ocsf-1.8.0.json', import.meta.url);
const OTHER = '99';

const attributeSchema = z.object({
  type: z.string(),
  object_type: z.string().optional(),
  requirement: z.string(),
  is_array: z.boolean().optional(),
  enum: z.record(z.string(), z.object({ caption: z.string() })).optional(),
  sibling: z.string().optional(),
  profiles: z.array(z.string()).nullish(),
  '@deprecated': z.unknown().optional(),
});

const shapeSchema = z.object({
  attributes: z.record(z.string(), attributeSchema),
  constraints: z.partialRecord(z.enum(['at_least_one', 'just_one']), z.array(z.string())).optional(),
  profiles: z.array(z.string()).nullish(),
  uid: z.number().optional(),
});

const typeSchema = z.object({
  type: z.string().optional(),
  regex: z.string().optional(),
  max_len: z.number().optional(),
  range: z.tuple([z.number(), z.number()]).optional(),
});

type Attribute = z.infer<typeof attributeSchema>;
type Shape = z.infer<typeof shapeSchema>;

const schema = z
  .object({
    classes: z.record(z.string(), shapeSchema),
    objects: z.record(z.string(), shapeSchema),
    dictionary: z.object({ types: z.object({ attributes: z.record(z.string(), typeSchema) }) }),
  })
  .parse(JSON.parse(readFileSync(SCHEMA, 'utf8')));

const types = new Map(
  Object.entries(schema.dictionary.types.attributes).map(([name, { regex, ...type }]) => [
    name,
    { ...type, ...(regex === undefined ? {} : { pattern: new RegExp(regex) }) },
  ]),
);

type Problem = string;

interface Context {
  readonly path: string;
  readonly profiles: readonly string[];
}

function textProblem(value: unknown, typeName: string): Problem | undefined {
  const type = types.get(typeName);
  if (typeof value !== 'string') return 'is no text';
  if (!value.isWellFormed()) return 'is not well-formed';
  if (type?.max_len !== undefined && value.length > type.max_len) return 'is too long';
  return type?.pattern && !type.pattern.test(value) ? `is no ${typeName}` : undefined;
}

function numberProblem(value: unknown, typeName: string): Problem | undefined {
  const [least, most] = types.get(typeName)?.range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) return 'is no integer';
  return value < least || value > most ? 'is out of range' : undefined;
}

function scalarProblem(value: unknown, typeName: string): Problem | undefined {
  const base = types.get(typeName)?.type ?? typeName;
  switch (base) {
    case 'json_t':
      return undefined;
    case 'boolean_t':
      return typeof value === 'boolean' ? undefined : 'is no boolean';
    case 'float_t':
      return typeof value === 'number' && Number.isFinite(value) ? undefined : 'is no number';
    case 'integer_t':
    case 'long_t':
      return numberProblem(value, typeName);
    default:
      return textProblem(value, typeName);
  }
}

function valueProblems(value: unknown, attribute: Attribute, context: Context): readonly Problem[] {
  const { path } = context;
  if (value === null) return [`${path}: is null`];
  if (attribute.object_type !== undefined) {
    const shape = schema.objects[attribute.object_type];
    if (!isJsonObject(value) || !shape) return [`${path}: is no object`];
    if (Object.keys(value).length === 0) return [`${path}: is empty`];
    // `object` is what nobody has mapped: anything.
    return attribute.object_type === 'object' ? [] : shapeProblems(value, shape, context);
  }
  const problem = scalarProblem(value, attribute.type);
  if (problem !== undefined) return [`${path}: ${problem}`];
  const isKnown = !attribute.enum || Object.hasOwn(attribute.enum, String(value));
  return isKnown ? [] : [`${path}: is none of its values`];
}

function listProblems(value: unknown, attribute: Attribute, context: Context): readonly Problem[] {
  if (!Array.isArray(value)) return [`${context.path}: is no list`];
  if (value.length === 0) return [`${context.path}: is empty`];
  return value.flatMap((entry: unknown, at) =>
    valueProblems(entry, attribute, { ...context, path: `${context.path}[${at}]` }),
  );
}

/** The text beside a number has to be what the number means; beside 99 it is free. */
function siblingProblems(holder: JsonObject, value: unknown, attribute: Attribute): readonly Problem[] {
  const { sibling, enum: meanings } = attribute;
  const text = sibling === undefined ? undefined : holder[sibling];
  if (text === undefined || !meanings || Array.isArray(value) || String(value) === OTHER) return [];
  return text === meanings[String(value)]?.caption ? [] : [`${sibling}: is not what the number means`];
}

function attributeProblems(
  holder: JsonObject,
  name: string,
  shape: Shape,
  above: Context,
): readonly Problem[] {
  const context = { ...above, path: above.path === '' ? name : `${above.path}.${name}` };
  const attribute = shape.attributes[name];
  const value = holder[name];
  if (!attribute) return [`${context.path}: is unknown`];
  if (attribute['@deprecated'] !== undefined) return [`${context.path}: is deprecated`];
  const { profiles } = attribute;
  const needsProfile = profiles?.length && !profiles.some((one) => context.profiles.includes(one));
  if (needsProfile) return [`${context.path}: needs one of the profiles ${profiles.join(', ')}`];
  const problems = attribute.is_array
    ? listProblems(value, attribute, context)
    : valueProblems(value, attribute, context);
  const beside = siblingProblems(holder, value, attribute);
  return [
    ...problems,
    ...beside.map((problem) => (above.path === '' ? problem : `${above.path}.${problem}`)),
  ];
}

function missingProblems(holder: JsonObject, { attributes }: Shape, { path, profiles }: Context) {
  return Object.entries(attributes)
    .filter(([name, { requirement }]) => requirement === 'required' && holder[name] === undefined)
    .filter(
      ([, attribute]) =>
        !attribute.profiles?.length || attribute.profiles.some((one) => profiles.includes(one)),
    )
    .map(([name]) => `${path === '' ? name : `${path}.${name}`}: is missing`);
}

function constraintProblems(holder: JsonObject, { constraints }: Shape, path: string): readonly Problem[] {
  const count = (names: readonly string[]) => names.filter((name) => holder[name] !== undefined).length;
  const { at_least_one: some, just_one: one } = constraints ?? {};
  if (some && count(some) === 0) return [`${path}: has none of ${some.join(', ')}`];
  return one && count(one) !== 1 ? [`${path}: has not one of ${one.join(', ')}`] : [];
}

function shapeProblems(holder: JsonObject, shape: Shape, context: Context): readonly Problem[] {
  return [
    ...Object.keys(holder).flatMap((name) => attributeProblems(holder, name, shape, context)),
    ...missingProblems(holder, shape, context),
    ...constraintProblems(holder, shape, context.path),
  ];
}

function profilesOf(event: JsonObject): readonly string[] {
  const profiles = isJsonObject(event.metadata) ? event.metadata.profiles : undefined;
  return Array.isArray(profiles) ? profiles.filter((one) => typeof one === 'string') : [];
}

/** What is wrong with an event by the schema of OCSF 1.8.0, as `path: problem`; nothing where it is strictly valid. */
export function ocsfProblems(event: unknown): readonly string[] {
  if (!isJsonObject(event)) return ['is no object'];
  const shape = Object.values(schema.classes).find(({ uid }) => uid === event.class_uid);
  if (!shape) return ['class_uid: is none of its values'];
  const profiles = profilesOf(event);
  const strange = profiles.filter((profile) => !shape.profiles?.includes(profile));
  const isTyped = event.type_uid === Number(event.class_uid) * 100 + Number(event.activity_id);
  return [
    ...shapeProblems(event, shape, { path: '', profiles }),
    ...strange.map((profile) => `metadata.profiles: ${profile} is not for this class`),
    ...(isTyped ? [] : ['type_uid: is not class and activity']),
  ];
}
