import { isIP } from 'node:net';

import { isJsonObject, type JsonObject, type JsonValue } from '../../agent/model/json.ts';

export type FieldType = 'object' | 'date' | 'ip' | 'long' | 'text';

type Value = Exclude<JsonValue, null>;

const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** Why a document does not fit the fields that are known; fields that are not get the type of their first value. */
export function misfitIn(object: JsonObject, mapping: Map<string, FieldType>): string | undefined {
  for (const [path, value] of valuesIn(object)) {
    const type = mapping.get(path);
    if (type === undefined) mapping.set(path, isJsonObject(value) ? 'object' : 'text');
    else if (!fits(value, type)) return misfit(path, type);
  }
  return undefined;
}

/** A list has the type of what is in it, and null has none. */
function* valuesIn(object: JsonObject, above = ''): Generator<readonly [path: string, value: Value]> {
  for (const [name, member] of Object.entries(object)) {
    const path = above + name;
    for (const value of [member ?? null].flat()) {
      if (value !== null) yield [path, value];
      if (isJsonObject(value)) yield* valuesIn(value, `${path}.`);
    }
  }
}

function misfit(path: string, type: FieldType): string {
  if (type !== 'object') return `failed to parse field [${path}] of type [${type}]`;
  return `object mapping for [${path}] tried to parse field [${path}] as object, but found a concrete value`;
}

function fits(value: Value, type: FieldType): boolean {
  if (type === 'object' || isJsonObject(value)) return type === 'object' && isJsonObject(value);
  switch (type) {
    case 'date':
      return DATE.test(String(value));
    case 'ip':
      return isIP(String(value)) !== 0;
    case 'long':
      return Number.isFinite(Number(value));
    case 'text':
      return true;
  }
}
