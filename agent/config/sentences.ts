import { z } from 'zod';

import { isJsonObject } from '../model/json.ts';
import { closest } from './closest.ts';

interface WrongVariant {
  readonly discriminator?: string | undefined;
  readonly options?: unknown;
  readonly input: unknown;
}

const NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of keys',
  record: 'a group of keys',
};

function wrongType(expected: string, input: unknown): string {
  if (input === undefined) return 'is missing';
  if (input === null) return 'is empty';
  const wanted = NAMES[expected] ?? expected;
  const given = NAMES[Array.isArray(input) ? 'array' : typeof input] ?? typeof input;
  return typeof input === 'number' ? `must be ${wanted}` : `must be ${wanted}, not ${given}`;
}

/** "; did you mean x?", or nothing. */
function guess(word: unknown, candidates: Iterable<string>): string {
  const meant = typeof word === 'string' ? closest(word, candidates) : undefined;
  return meant === undefined ? '' : `; did you mean ${meant}?`;
}

function wrongValue(values: readonly unknown[], input: unknown): string {
  const allowed = values.map(String);
  const choices = allowed.length === 1 ? allowed.join() : `one of ${allowed.join(', ')}`;
  return `${input === undefined ? 'is missing; it ' : ''}must be ${choices}${guess(input, allowed)}`;
}

/** No member of a union has this value of the key that tells them apart. */
function wrongVariant({ discriminator, options, input }: WrongVariant): string | undefined {
  if (discriminator === undefined || !Array.isArray(options)) return undefined;
  return wrongValue(options, isJsonObject(input) ? input[discriminator] : undefined);
}

const UNITS: Readonly<Record<string, readonly [one: string, more: string]>> = {
  string: [' character', ' characters'],
  array: [' entry', ' entries'],
};

function wrongSize(bound: string, limit: number | bigint, origin: string): string {
  const [one, more] = UNITS[origin] ?? ['', ''];
  return `must ${origin in UNITS ? 'have' : 'be'} ${bound} ${limit}${limit === 1 ? one : more}`;
}

/** One line per unknown key, in the order of `keys`. */
function unknownKeys(keys: readonly string[], owner: unknown): string {
  const known = owner instanceof z.ZodObject ? Object.keys(owner.shape) : [];
  return keys.map((key) => `is not an option here${guess(key, known)}`).join('\n');
}

/** What is wrong with a value as a plain sentence whose subject is the value's path; never echoes the value. */
export function sentence(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue.expected, issue.input);
    case 'invalid_value':
      return wrongValue(issue.values, issue.input);
    case 'invalid_union':
      return wrongVariant(issue);
    case 'unrecognized_keys':
      return unknownKeys(issue.keys, issue.inst);
    case 'too_small':
      return wrongSize(issue.inclusive ? 'at least' : 'more than', issue.minimum, issue.origin);
    case 'too_big':
      return wrongSize(issue.inclusive ? 'at most' : 'less than', issue.maximum, issue.origin);
    case 'custom':
    case 'invalid_element':
    case 'invalid_format':
    case 'invalid_key':
    case 'not_multiple_of':
      return undefined;
    default:
      return undefined;
  }
}
