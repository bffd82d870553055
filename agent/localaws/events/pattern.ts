import { isJsonObject } from '../../model/json.ts';
import { AwsError } from '../service.ts';

/** Whether an event matches a compiled pattern. */
export type EventMatcher = (event: unknown) => boolean;

/** One test of a leaf, given all values that the event has there; none: the field is absent. */
type LeafTest = (values: readonly unknown[]) => boolean;

const MAX_CHARACTERS = 4096;

function invalid(reason: string): AwsError {
  return new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`);
}

/**
 * Compiles an event pattern (page `eb-create-pattern-operators`). No published matcher for Node is maintained,
 * so this is our own. `cidr` is refused.
 */
export function compilePattern(pattern: string): EventMatcher {
  if (pattern.length > MAX_CHARACTERS) throw invalid(`longer than ${MAX_CHARACTERS} characters`);
  try {
    return compileObject(JSON.parse(pattern));
  } catch (error) {
    throw error instanceof SyntaxError ? invalid(error.message) : error;
  }
}

/** All fields must match; `$or` is a field of alternatives. */
function compileObject(pattern: unknown): EventMatcher {
  if (!isJsonObject(pattern)) throw invalid('Filter is not an object');
  const fields = Object.entries(pattern).map(([key, value]) =>
    key === '$or' ? compileAlternatives(value) : compileField(key, value),
  );
  if (fields.length === 0) throw invalid('Empty objects are not allowed');
  return (event) => fields.every((matches) => matches(event));
}

function compileAlternatives(value: unknown): EventMatcher {
  if (!Array.isArray(value) || value.length < 2) throw invalid('$or needs at least two patterns');
  const alternatives = value.map(compileObject);
  return (event) => alternatives.some((matches) => matches(event));
}

function compileField(key: string, value: unknown): EventMatcher {
  if (Array.isArray(value)) return compileLeaf(key, value);
  if (!isJsonObject(value)) throw invalid(`"${key}" must be an object or an array`);
  const matchesInside = compileObject(value);
  return (event) => {
    const inside = valuesAt(event, key).filter(isJsonObject);
    // An absent object has only absent fields, which is what `exists: false` asks for.
    return inside.length === 0 ? matchesInside({}) : inside.some(matchesInside);
  };
}

function compileLeaf(key: string, alternatives: readonly unknown[]): EventMatcher {
  if (alternatives.length === 0) throw invalid('Empty arrays are not allowed');
  const tests = alternatives.map(compileTest);
  return (event) => {
    const values = valuesAt(event, key).filter((value) => !isJsonObject(value));
    return tests.some((test) => test(values));
  };
}

/** An array in an event stands for any of its items. */
function valuesAt(event: unknown, key: string): readonly unknown[] {
  if (!isJsonObject(event) || !Object.hasOwn(event, key)) return [];
  const value: unknown = event[key];
  return Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY) : [value];
}

function compileTest(alternative: unknown): LeafTest {
  if (!isJsonObject(alternative)) return (values) => values.includes(alternative);
  const [operator = '', ...more] = Object.keys(alternative);
  const compile = OPERATORS.get(operator);
  if (!compile || more.length > 0) throw invalid(`Unrecognized match type ${operator}`);
  return compile(alternative[operator]);
}

const OPERATORS: ReadonlyMap<string, (argument: unknown) => LeafTest> = new Map([
  ['exists', compileExists],
  ['numeric', compileNumeric],
  ['anything-but', compileAnythingBut],
  ...['prefix', 'suffix', 'equals-ignore-case', 'wildcard'].map(
    (operator) => [operator, (argument: unknown) => anyOf(compileText(operator, argument))] as const,
  ),
]);

function anyOf(test: (value: unknown) => boolean): LeafTest {
  return (values) => values.some(test);
}

function compileExists(argument: unknown): LeafTest {
  if (typeof argument !== 'boolean') throw invalid('exists match pattern must be either true or false');
  return (values) => values.length > 0 === argument;
}

/** A test of one text value. `prefix` and `suffix` may ask for any case. */
function compileText(operator: string, argument: unknown): (value: unknown) => boolean {
  if (isJsonObject(argument) && (operator === 'prefix' || operator === 'suffix')) {
    const wanted = textOf(argument['equals-ignore-case'], operator).toLowerCase();
    const matches = compileText(operator, wanted);
    return (value) => typeof value === 'string' && matches(value.toLowerCase());
  }
  const wanted = textOf(argument, operator);
  const matches = textTest(operator, wanted);
  return (value) => typeof value === 'string' && matches(value);
}

function textOf(argument: unknown, operator: string): string {
  if (typeof argument === 'string') return argument;
  throw invalid(`${operator} match pattern must be a string`);
}

function textTest(operator: string, wanted: string): (value: string) => boolean {
  switch (operator) {
    case 'prefix':
      return (value) => value.startsWith(wanted);
    case 'suffix':
      return (value) => value.endsWith(wanted);
    case 'equals-ignore-case':
      return (value) => value.toLowerCase() === wanted.toLowerCase();
    case 'wildcard':
      return compileWildcard(wanted);
    default:
      throw invalid(`Unsupported anything-but pattern: ${operator}`);
  }
}

/** `*` stands for any text; `\*` and `\\` for themselves. */
function compileWildcard(wanted: string): (value: string) => boolean {
  if (/(?<!\\)\*\*/.test(wanted)) throw invalid('Consecutive wildcard characters');
  const expression = wanted.replace(/\\([*\\])|(\*)|[^*\\]+|\\/g, (part, escaped?: string, star?: string) =>
    star ? '.*' : RegExp.escape(escaped ?? part),
  );
  const compiled = new RegExp(`^${expression}$`, 's');
  return (value) => compiled.test(value);
}

/** Everything but some values, or but texts of some form; an absent field is not "anything". */
function compileAnythingBut(argument: unknown): LeafTest {
  if (isJsonObject(argument)) {
    const [operator = '', ...more] = Object.keys(argument);
    const texts = [argument[operator]].flat();
    if (more.length > 0 || texts.length === 0) throw invalid('anything-but takes one pattern');
    const excluded = texts.map((text) => compileText(operator, text));
    return anyOf((value) => !excluded.some((matches) => matches(value)));
  }
  const excluded: readonly unknown[] = [argument].flat();
  if (excluded.length === 0 || !excluded.every((value) => ['string', 'number'].includes(typeof value))) {
    throw invalid('Value of anything-but must be an array or single string/number value.');
  }
  return anyOf((value) => !excluded.includes(value));
}

const COMPARISONS: ReadonlyMap<unknown, (value: number, limit: number) => boolean> = new Map([
  ['=', (value: number, limit: number) => value === limit],
  ['<', (value: number, limit: number) => value < limit],
  ['<=', (value: number, limit: number) => value <= limit],
  ['>', (value: number, limit: number) => value > limit],
  ['>=', (value: number, limit: number) => value >= limit],
]);

/** `["=", 5]`, `[">", 0]` or a range of two comparisons. */
function compileNumeric(argument: unknown): LeafTest {
  if (!Array.isArray(argument) || (argument.length !== 2 && argument.length !== 4)) {
    throw invalid('Value of numeric must be one comparison or a range');
  }
  const bounds = [argument.slice(0, 2), argument.slice(2)].filter((bound) => bound.length === 2);
  const tests = bounds.map(([sign, limit]) => {
    const compare = COMPARISONS.get(sign);
    if (!compare || typeof limit !== 'number') throw invalid(`Unrecognized numeric range operator: ${sign}`);
    return (value: number) => compare(value, limit);
  });
  return anyOf((value) => typeof value === 'number' && tests.every((test) => test(value)));
}
