import { z } from 'zod';

import { problemJson } from './problem.ts';
import type { RouteFacts } from './route.ts';

/** Part of an OpenAPI document. */
type Part = Readonly<Record<string, unknown>>;

export interface OpenApiDocument extends Part {
  readonly openapi: '3.1.1';
  readonly paths: Readonly<Record<string, Part>>;
}

const PROBLEMS = {
  400: 'The question is not right',
  401: 'Nobody is logged in',
  403: 'The role does not allow it',
  404: 'There is no such thing, or the caller may not see it',
  429: 'Too many failed logins, or too many listeners',
} as const;

/** Describes the routes as OpenAPI 3.1, whose schemas are JSON Schema 2020-12 and therefore come from zod as they are. */
export function openApiDocument(
  routes: readonly RouteFacts[],
  { version, base }: { readonly version: string; readonly base: string },
): OpenApiDocument {
  const schemas: Record<string, unknown> = {};
  const collect = (schema: z.ZodType, io: 'input' | 'output'): unknown => collected(schema, io, schemas);
  const paths = Map.groupBy(routes, ({ path }) => path);
  return {
    openapi: '3.1.1',
    info: {
      title: 'guardrelay agent',
      version,
      description: 'What a guardrelay agent knows, and what may be asked of it.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: base }],
    paths: Object.fromEntries(
      [...paths].map(([path, same]) => [
        path,
        Object.fromEntries(same.map((route) => [route.method.toLowerCase(), operation(route, collect)])),
      ]),
    ),
    components: {
      schemas: Object.assign(schemas, { Problem: collect(problemJson, 'output') && schemas.Problem }),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        basic: { type: 'http', scheme: 'basic' },
        session: { type: 'apiKey', in: 'cookie', name: 'guardrelay_session' },
      },
    },
    security: [{ token: [] }, { basic: [] }, { session: [] }, {}],
  };
}

type Collect = (schema: z.ZodType, io: 'input' | 'output') => unknown;

function operation({ tag, summary, role, method, path, ...route }: RouteFacts, collect: Collect): Part {
  const media = route.media ?? 'application/json';
  const hasBody = Object.keys(route.body.shape).length > 0;
  return {
    operationId: operationId(method, path),
    tags: [tag],
    summary,
    description: `Needs the role ${role}.`,
    parameters: [
      ...parameters(route.params, { at: 'path', collect }),
      ...parameters(route.query, { at: 'query', collect }),
    ],
    ...(hasBody && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: collect(route.body, 'input') } },
      },
    }),
    responses: {
      200: { description: 'The answer', content: { [media]: { schema: collect(route.answer, 'output') } } },
      ...Object.fromEntries(
        Object.entries(PROBLEMS).map(([status, description]) => [status, refused(description)]),
      ),
    },
  };
}

function operationId(method: string, path: string): string {
  const words = path.replaceAll(/[{}]/g, '').split(/[/.-]/).filter(Boolean);
  return [method.toLowerCase(), ...words]
    .map((word, at) => (at === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join('');
}

function refused(description: string): Part {
  return {
    description,
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

function parameters(
  schema: z.ZodObject,
  { at, collect }: { readonly at: 'path' | 'query'; readonly collect: Collect },
): readonly Part[] {
  return Object.entries(schema.shape).map(([name, field]) => ({
    ...{ name, in: at, required: at === 'path' },
    ...(field.description !== undefined && { description: field.description }),
    schema: collect(field, 'input'),
  }));
}

/** A schema of JSON Schema; those with an id go to the components, and a reference stays. */
function collected(schema: z.ZodType, io: 'input' | 'output', components: Record<string, unknown>): unknown {
  const {
    $schema: _,
    $defs = {},
    ...json
  } = z.toJSONSchema(schema, {
    io,
    override({ jsonSchema }) {
      // The format says it in a word, the pattern in three hundred characters.
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
    },
  });
  for (const [id, definition] of Object.entries($defs)) components[id] = relocated(definition);
  const { id } = json;
  if (id === undefined) return relocated(json);
  components[id] = relocated(json);
  return { $ref: `#/components/schemas/${id}` };
}

/** References point to where OpenAPI keeps schemas. */
function relocated(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(relocated);
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(
    Object.entries(json).flatMap(([key, value]) => {
      if (key === 'id' && typeof value === 'string') return [];
      if (key === '$ref') return [[key, String(value).replace('#/$defs/', '#/components/schemas/')]];
      return [[key, relocated(value)]];
    }),
  );
}
