import { isJsonObject, type JsonObject } from '../model/json.ts';
import { filled } from './present.ts';

// Readers for text that somebody else wrote: what has another shape counts as absent.

/** Longer is no name of an account, a region or a partition. */
const LONGEST_NAME = 128;

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function nameOf(value: unknown): string | undefined {
  const text = textOf(value);
  return text === undefined || text.length > LONGEST_NAME ? undefined : text;
}

/** An account id; as a number it has lost its leading zeros. */
export function accountOf(value: unknown): string | undefined {
  return Number.isSafeInteger(value) ? String(value).padStart(12, '0') : nameOf(value);
}

/** A number, also one written as text. */
export function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

export function objectOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** Any list may come as its single element. */
export function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** The objects of a list; whatever else stands in it is left out. */
export function objectsOf(value: unknown): readonly JsonObject[] {
  return listOf(value).filter(isJsonObject);
}

/** The texts of a list, without empty ones. */
export function textsOf(value: unknown): readonly string[] {
  return listOf(value).flatMap((one) => textOf(one) ?? []);
}

/** An object that holds something. */
export function filledObject(value: unknown): JsonObject | undefined {
  return filled(objectOf(value));
}

export function integerOf(value: unknown): number | undefined {
  const number = numberOf(value);
  return Number.isSafeInteger(number) ? number : undefined;
}

export function booleanOf(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

/** One part of an ARN, if it has that part and it is not empty: 1 partition, 3 region, 4 account. */
export function arnPart(value: unknown, part: 1 | 3 | 4): string | undefined {
  const arn = textOf(value);
  return arn?.startsWith('arn:') ? nameOf(arn.split(':', 5)[part]) : undefined;
}
