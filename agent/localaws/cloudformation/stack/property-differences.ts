import { isDeepStrictEqual } from 'node:util';

import type { JsonObject, JsonValue } from '../../../model/json.ts';
import { isJsonObject } from '../../../model/json.ts';
import { isList } from '../template/references.ts';

/** One way in which a live resource differs from its template (API reference, PropertyDifference). */
export interface PropertyDifference {
  /** Such as `/Targets/0`. */
  readonly path: string;
  readonly expected: string;
  readonly actual: string;
  /** `ADD` and `REMOVE` are of members of a list; a property that is gone is a `REMOVE` too. */
  readonly type: 'ADD' | 'REMOVE' | 'NOT_EQUAL';
}

type List = readonly JsonValue[];

/** Only what the template sets is compared: what stands beside it may be a default. */
export function propertyDifferences(expected: JsonObject, actual: JsonObject): readonly PropertyDifference[] {
  return Object.entries(expected).flatMap(([name, wanted]) =>
    wanted === undefined ? [] : differences(`/${name}`, wanted, actual[name]),
  );
}

function differences(
  path: string,
  expected: JsonValue,
  actual: JsonValue | undefined,
): readonly PropertyDifference[] {
  if (isSame(expected, actual)) return [];
  const texts = { path, expected: textOf(expected), actual: textOf(actual) };
  if (actual === undefined) return [{ ...texts, type: 'REMOVE' }];
  if (isList(expected) && isList(actual)) return memberDifferences(path, expected, actual);
  if (!isJsonObject(expected) || !isJsonObject(actual) || !isSame(namesIn(expected), namesIn(actual))) {
    return [{ ...texts, type: 'NOT_EQUAL' }];
  }
  return Object.entries(expected).flatMap(([name, wanted = null]) =>
    differences(`${path}/${name}`, wanted, actual[name]),
  );
}

/** Lists are compared without their order. */
function memberDifferences(path: string, expected: List, actual: List): readonly PropertyDifference[] {
  const missingFrom = (others: List) => (member: JsonValue) => !others.some((other) => isSame(member, other));
  const gone = expected.filter(missingFrom(actual)).map((member): PropertyDifference => {
    const at = `${path}/${expected.indexOf(member)}`;
    return { path: at, expected: textOf(member), actual: textOf(undefined), type: 'REMOVE' };
  });
  const added = actual.filter(missingFrom(expected)).map((member): PropertyDifference => {
    const at = `${path}/${actual.indexOf(member)}`;
    return { path: at, expected: textOf(undefined), actual: textOf(member), type: 'ADD' };
  });
  return [...gone, ...added];
}

/** A template may write a number as text. */
function isSame(one: JsonValue, other: JsonValue | undefined): boolean {
  if (typeof one === 'object' || typeof other === 'object') return isDeepStrictEqual(one, other);
  return String(one) === String(other);
}

function namesIn(object: JsonObject): List {
  return Object.keys(object).sort();
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
