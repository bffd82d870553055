import type { JsonObject, JsonValue } from '../../../model/json.ts';
import { isJsonObject } from '../../../model/json.ts';
import { invalid } from '../invalid.ts';
import { isList, SUB_VARIABLE } from './references.ts';

/** What the functions of a template look things up in. */
export interface Scope {
  /** A parameter, pseudo parameter or resource; undefined for AWS::NoValue. */
  reference(name: string): JsonValue | undefined;
  attribute(logicalId: string, name: string): JsonValue;
  condition(name: string): boolean;
  mapping(name: string, topKey: string, secondKey: string): JsonValue;
}

type Intrinsic = (argument: JsonValue, scope: Scope) => JsonValue | undefined;

/** CloudFormation compares and joins as text: the Number parameter 5 equals the text "5". */
function asText(value: JsonValue | undefined): string {
  if (typeof value === 'object' || value === undefined) {
    throw invalid(`Template error: expected a text, got ${JSON.stringify(value)}`);
  }
  return String(value);
}

function text(value: JsonValue | undefined, scope: Scope): string {
  return asText(value === undefined ? undefined : evaluate(value, scope));
}

function list(value: JsonValue | undefined, scope: Scope): readonly JsonValue[] {
  const evaluated = value === undefined ? undefined : evaluate(value, scope);
  if (isList(evaluated)) return evaluated;
  throw invalid(`Template error: expected a list, got ${JSON.stringify(evaluated)}`);
}

/** Arguments of a function that takes several. */
function argumentsOf(argument: JsonValue, count: number): readonly JsonValue[] {
  if (isList(argument) && argument.length === count) return argument;
  throw invalid(`Template error: expected a list of ${count}, got ${JSON.stringify(argument)}`);
}

function isTrue(value: JsonValue, scope: Scope): boolean {
  return text(value, scope) === 'true';
}

function operands(argument: JsonValue): readonly JsonValue[] {
  return isList(argument) ? argument : [argument];
}

function attribute(argument: JsonValue, scope: Scope): JsonValue {
  const [owner = '', ...names] = operands(argument)
    .map((part) => text(part, scope))
    .join('.')
    .split('.');
  return scope.attribute(owner, names.join('.'));
}

function choose(argument: JsonValue, scope: Scope): JsonValue | undefined {
  const [condition = null, whenTrue = null, whenFalse = null] = argumentsOf(argument, 3);
  return evaluate(scope.condition(asText(condition)) ? whenTrue : whenFalse, scope);
}

function substitute(argument: JsonValue, scope: Scope): string {
  const [template = '', given] = operands(argument);
  const variables = isJsonObject(given) ? given : {};
  return asText(template).replace(SUB_VARIABLE, (_whole, literal: string, spaced: string) => {
    const name = spaced.trim();
    if (literal) return `\${${name}}`;
    if (Object.hasOwn(variables, name)) return text(variables[name], scope);
    return asText(name.includes('.') ? attribute(name, scope) : scope.reference(name));
  });
}

function select(argument: JsonValue, scope: Scope): JsonValue {
  const [index, values] = argumentsOf(argument, 2);
  const selected = list(values, scope)[Number(text(index, scope))];
  if (selected === undefined) throw invalid('Template error: Fn::Select cannot select a nonexistent value');
  return selected;
}

const INTRINSICS: ReadonlyMap<string, Intrinsic> = new Map<string, Intrinsic>([
  ['Ref', (name, scope) => scope.reference(asText(name))],
  ['Condition', (name, scope) => scope.condition(asText(name))],
  ['Fn::GetAtt', attribute],
  ['Fn::Sub', substitute],
  ['Fn::If', choose],
  [
    'Fn::Equals',
    (argument, scope) => new Set(argumentsOf(argument, 2).map((operand) => text(operand, scope))).size === 1,
  ],
  ['Fn::Not', (argument, scope) => !operands(argument).some((operand) => isTrue(operand, scope))],
  ['Fn::And', (argument, scope) => operands(argument).every((operand) => isTrue(operand, scope))],
  ['Fn::Or', (argument, scope) => operands(argument).some((operand) => isTrue(operand, scope))],
  [
    'Fn::Join',
    (argument, scope) => {
      const [delimiter, values] = argumentsOf(argument, 2);
      return list(values, scope).map(asText).join(text(delimiter, scope));
    },
  ],
  ['Fn::Select', select],
  [
    'Fn::Split',
    (argument, scope) => {
      const [delimiter, value] = argumentsOf(argument, 2);
      return text(value, scope).split(text(delimiter, scope));
    },
  ],
  [
    'Fn::FindInMap',
    (argument, scope) => {
      const [name, topKey, secondKey] = argumentsOf(argument, 3).map((part) => text(part, scope));
      return scope.mapping(name ?? '', topKey ?? '', secondKey ?? '');
    },
  ],
]);

interface FunctionCall {
  readonly run: Intrinsic;
  readonly argument: JsonValue;
}

/** An object with one member that names a function is a call of it. */
function callOf(value: JsonObject): FunctionCall | undefined {
  const [[name = '', argument = null] = [], ...others] = Object.entries(value);
  if (others.length > 0) return undefined;
  const run = INTRINSICS.get(name);
  if (!run && name.startsWith('Fn::')) throw invalid(`Template error: localaws does not know ${name}`);
  // The Condition of an IAM statement is an object, the reference to a condition a text.
  return run && (name !== 'Condition' || typeof argument === 'string') ? { run, argument } : undefined;
}

/** Whether a part of a template is the same in every stack: no function in it. */
export function isStatic(value: JsonValue | undefined): boolean {
  if (isList(value)) return value.every(isStatic);
  if (!isJsonObject(value)) return true;
  return !callOf(value) && Object.values(value).every(isStatic);
}

/** A part of a template with its functions resolved. AWS::NoValue vanishes, from lists and objects too. */
export function evaluate(value: JsonValue, scope: Scope): JsonValue | undefined {
  if (isList(value)) {
    return value.flatMap((item) => {
      const evaluated = evaluate(item, scope);
      return evaluated === undefined ? [] : [evaluated];
    });
  }
  if (!isJsonObject(value)) return value;
  const call = callOf(value);
  return call ? call.run(call.argument, scope) : evaluateMembers(value, scope);
}

/** Each member of an object, evaluated. */
export function evaluateMembers(members: JsonObject, scope: Scope): JsonObject {
  const evaluated = Object.entries(members).map(([name, member = null]) => [name, evaluate(member, scope)]);
  return Object.fromEntries(evaluated.filter(([, member]) => member !== undefined));
}
