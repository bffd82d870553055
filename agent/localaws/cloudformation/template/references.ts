import type { JsonValue } from '../../../model/json.ts';
import { isJsonObject } from '../../../model/json.ts';
import { invalid } from '../invalid.ts';
import type { Template } from './template.ts';

/** A place in a template that names another part of it. */
export interface Reference {
  /** `ref`: a parameter, pseudo parameter or resource. `attribute`: a resource. */
  readonly kind: 'ref' | 'attribute' | 'condition' | 'mapping';
  readonly name: string;
}

const PSEUDO_PARAMETERS = [
  'AWS::AccountId',
  'AWS::NoValue',
  'AWS::NotificationARNs',
  'AWS::Partition',
  'AWS::Region',
  'AWS::StackId',
  'AWS::StackName',
  'AWS::URLSuffix',
];

export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** The variables of a Fn::Sub text; `${!Name}` stands for the literal `${Name}`. */
export const SUB_VARIABLE = /\$\{(?<literal>!?)(?<name>[^}]*)\}/g;

function ofSub(argument: JsonValue): readonly Reference[] {
  const [text, variables] = isList(argument) ? argument : [argument, {}];
  const own = isJsonObject(variables) ? variables : {};
  const names = [...String(text).matchAll(SUB_VARIABLE)].flatMap(({ groups }) =>
    groups?.literal ? [] : [groups?.name?.trim() ?? ''],
  );
  const free = names.filter((name) => !(name in own));
  return [...free.map(namedBy), ...referencesIn(own)];
}

function namedBy(name: string): Reference {
  const [owner = '', attribute] = name.split('.');
  return attribute === undefined ? { kind: 'ref', name } : { kind: 'attribute', name: owner };
}

function first(kind: Reference['kind']) {
  return (argument: JsonValue): readonly Reference[] => {
    const [name, ...rest] = isList(argument) ? argument : [argument];
    return typeof name === 'string'
      ? [{ kind, name }, ...referencesIn(rest)]
      : referencesIn([name ?? null, ...rest]);
  };
}

const FINDERS: ReadonlyMap<string, (argument: JsonValue) => readonly Reference[]> = new Map([
  ['Ref', first('ref')],
  ['Fn::GetAtt', (argument) => [namedBy(isList(argument) ? argument.join('.') : String(argument))]],
  ['Fn::Sub', ofSub],
  ['Fn::If', first('condition')],
  ['Fn::FindInMap', first('mapping')],
]);

/** Every reference in a part of a template, in branches not taken too. */
export function referencesIn(value: JsonValue | undefined): readonly Reference[] {
  if (isList(value)) return value.flatMap(referencesIn);
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, argument = null]) => {
    // An IAM statement has a Condition too, which is an object.
    if (key === 'Condition' && typeof argument === 'string')
      return [{ kind: 'condition' as const, name: argument }];
    return FINDERS.get(key)?.(argument) ?? referencesIn(argument);
  });
}

function isKnown(template: Template, { kind, name }: Reference): boolean {
  switch (kind) {
    case 'condition':
      return template.Conditions.has(name);
    case 'mapping':
      return template.Mappings.has(name);
    case 'attribute':
      return template.Resources.has(name);
    case 'ref':
      return (
        template.Resources.has(name) || template.Parameters.has(name) || PSEUDO_PARAMETERS.includes(name)
      );
  }
}

const UNRESOLVED: Readonly<Record<Reference['kind'], string>> = {
  condition: 'condition dependency',
  mapping: 'mapping dependency',
  attribute: 'resource dependencies',
  ref: 'resource dependencies',
};

/** Throws if a section of the template names what is not there. */
export function checkReferences(template: Template): void {
  const check = (section: string, references: readonly Reference[]): void => {
    const missing = references.find((reference) => !isKnown(template, reference));
    if (!missing) return;
    throw invalid(
      `Template format error: Unresolved ${UNRESOLVED[missing.kind]} [${missing.name}] in the ${section} block of the template`,
    );
  };
  for (const condition of template.Conditions.values()) check('Conditions', referencesIn(condition));
  for (const { Condition, DependsOn, Properties } of template.Resources.values()) {
    check(
      'Resources',
      DependsOn.map((name) => ({ kind: 'attribute', name })),
    );
    check('Resources', referencesIn(Condition === undefined ? Properties : { ...Properties, Condition }));
  }
  for (const { Condition, Value } of template.Outputs.values()) {
    check('Outputs', referencesIn(Condition === undefined ? { Value } : { Value, Condition }));
  }
}
