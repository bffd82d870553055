import type { JsonValue } from '../../../model/json.ts';
import { urlSuffix } from '../../regions.ts';
import type { Place } from '../../service.ts';
import { invalid } from '../invalid.ts';
import type { Scope } from './evaluate.ts';
import { evaluate, evaluateMembers, isStatic } from './evaluate.ts';
import { inOrderOfCreation } from './order.ts';
import type { ParameterTexts } from './parameters.ts';
import type { Existing, PlannedResource } from './planned-resource.ts';
import type { ParameterDeclaration, Template } from './template.ts';

/** What a stack is made from: a template, its parameters, and where it stands. */
export interface Draft {
  readonly template: Template;
  readonly parameters: ParameterTexts;
  readonly place: Place;
  readonly stackName: string;
  readonly stackId: string;
}

export interface Output {
  readonly OutputKey: string;
  readonly OutputValue: string;
  readonly Description?: string;
}

/** What should exist: the resources whose condition holds, in an order in which they can be made. */
export interface Blueprint {
  readonly resources: readonly PlannedResource[];
  outputs(existing: Existing): readonly Output[];
}

function pseudoParameters({ place, stackName, stackId }: Draft): ReadonlyMap<string, JsonValue | undefined> {
  return new Map<string, JsonValue | undefined>([
    ['AWS::AccountId', place.account],
    ['AWS::NoValue', undefined],
    ['AWS::NotificationARNs', []],
    ['AWS::Partition', place.partition],
    ['AWS::Region', place.region],
    ['AWS::StackId', stackId],
    ['AWS::StackName', stackName],
    ['AWS::URLSuffix', urlSuffix(place.partition)],
  ]);
}

/** Resource handlers get what their property is: a number, a list, a text. */
function typedValue({ Type }: ParameterDeclaration, text: string): JsonValue {
  switch (Type) {
    case 'Number':
      return Number(text);
    case 'CommaDelimitedList':
      return text.split(',').map((item) => item.trim());
    case 'String':
      return text;
  }
}

function createConditions({ Conditions }: Template, scope: () => Scope): (name: string) => boolean {
  const open = new Set<string>();
  const known = new Map<string, boolean>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const expression = Conditions.get(name);
    if (expression === undefined) throw invalid(`Template error: unresolved condition dependency ${name}`);
    if (open.has(name)) throw invalid(`Template error: circular condition dependency ${name}`);
    open.add(name);
    const holds = evaluate(expression, scope()) === true;
    known.set(name, holds);
    return holds;
  };
}

function refuseResource(logicalId: string): never {
  throw invalid(`Template error: ${logicalId} is a resource, where only parameters can be named`);
}

/** While conditions and rules are evaluated there are no resources. */
const nothingYet: Existing = {
  physicalId: refuseResource,
  attribute: refuseResource,
};

/** A scope over the draft; what it says of resources comes from `existing`. */
function createScope(draft: Draft): (existing: Existing) => Scope {
  const { template, parameters } = draft;
  const pseudo = pseudoParameters(draft);
  const scopeOver = (existing: Existing): Scope => ({
    reference(name) {
      if (pseudo.has(name)) return pseudo.get(name);
      const declared = template.Parameters.get(name);
      return declared ? typedValue(declared, parameters.get(name) ?? '') : existing.physicalId(name);
    },
    attribute: existing.attribute,
    condition,
    mapping(name, topKey, secondKey) {
      const found = template.Mappings.get(name)?.[topKey]?.[secondKey];
      if (found === undefined) {
        throw invalid(`Template error: Unable to get mapping for ${name}::${topKey}::${secondKey}`);
      }
      return found;
    },
  });
  const condition = createConditions(template, () => scopeOver(nothingYet));
  return scopeOver;
}

function assertRules({ Rules }: Template, scope: Scope): void {
  const broken = [...Rules.values()]
    .filter(({ RuleCondition = true }) => evaluate(RuleCondition, scope) === true)
    .flatMap(({ Assertions }) => Assertions)
    .filter(({ Assert }) => evaluate(Assert, scope) !== true);
  if (broken.length === 0) return;
  const reasons = broken.map(({ AssertDescription = 'an assertion does not hold' }) => AssertDescription);
  throw invalid(`Template validation error: Rule assertion failed: ${reasons.join('; ')}`);
}

/** Resolves what the parameters decide; throws where a rule does not hold or a reference leads nowhere. */
export function drawBlueprint(draft: Draft): Blueprint {
  const { template } = draft;
  const scopeOver = createScope(draft);
  const scope = scopeOver(nothingYet);
  const isOn = ({ Condition }: { Condition?: string | undefined }): boolean =>
    Condition === undefined || scope.condition(Condition);
  assertRules(template, scope);

  const planned = [...template.Resources]
    .filter(([, declaration]) => isOn(declaration))
    .map(
      ([logicalId, declaration]): PlannedResource => ({
        logicalId,
        declaration,
        properties: (existing) => evaluateMembers(declaration.Properties, scopeOver(existing)),
        literalProperties: Object.fromEntries(
          Object.entries(declaration.Properties).filter(([, value]) => isStatic(value)),
        ),
      }),
    );
  return {
    resources: inOrderOfCreation(planned),
    outputs: (existing) =>
      [...template.Outputs]
        .filter(([, declaration]) => isOn(declaration))
        .map(([OutputKey, { Value, Description }]) => ({
          OutputKey,
          OutputValue: String(evaluate(Value, scopeOver(existing))),
          ...(Description === undefined ? {} : { Description }),
        })),
  };
}
