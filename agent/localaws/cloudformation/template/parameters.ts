import { invalid } from '../invalid.ts';
import type { ParameterDeclaration, Template } from './template.ts';

/** A parameter as a caller gives it. */
export interface GivenParameter {
  readonly ParameterKey: string;
  readonly ParameterValue?: string | undefined;
  readonly UsePreviousValue?: boolean | undefined;
}

/** Parameters by name, as text: the form that the API and Fn::Equals know. */
export type ParameterTexts = ReadonlyMap<string, string>;

/** Each way to break the declaration, with what CloudFormation says of it. */
function violations(declared: ParameterDeclaration, text: string): readonly (readonly [boolean, string])[] {
  const { AllowedPattern = '[^]*', AllowedValues = [text], Type } = declared;
  const { MinLength = 0, MaxLength = Number.POSITIVE_INFINITY } = declared;
  const { MinValue = Number.NEGATIVE_INFINITY, MaxValue = Number.POSITIVE_INFINITY } = declared;
  const number = Type === 'Number' && text.trim() !== '' ? Number(text) : Number.NaN;
  return [
    [Type === 'Number' && Number.isNaN(number), 'must be a number'],
    [number < MinValue, `must be a number not less than ${MinValue}`],
    [number > MaxValue, `must be a number not greater than ${MaxValue}`],
    [!AllowedValues.includes(text), 'must be one of AllowedValues'],
    [!new RegExp(`^(?:${AllowedPattern})$`).test(text), `must match pattern ${AllowedPattern}`],
    [text.length < MinLength, `must contain at least ${MinLength} characters`],
    [text.length > MaxLength, `must contain at most ${MaxLength} characters`],
  ];
}

function check(name: string, declared: ParameterDeclaration, text: string): void {
  const violation = violations(declared, text).find(([isBroken]) => isBroken);
  if (!violation) return;
  const { ConstraintDescription } = declared;
  throw invalid(
    ConstraintDescription === undefined
      ? `Parameter '${name}' ${violation[1]}`
      : `Parameter ${name} failed to satisfy constraint: ${ConstraintDescription}`,
  );
}

/** The value of each parameter: given, kept from before, or the default; throws where a constraint is broken. */
export function parameterTexts(
  { Parameters }: Template,
  given: readonly GivenParameter[],
  previous: ParameterTexts = new Map(),
): ParameterTexts {
  const unknown = given.map(({ ParameterKey }) => ParameterKey).filter((name) => !Parameters.has(name));
  if (unknown.length > 0) throw invalid(`Parameters: [${unknown.join(', ')}] do not exist in the template`);

  const values = new Map(
    given.map(({ ParameterKey, ParameterValue, UsePreviousValue }) => [
      ParameterKey,
      UsePreviousValue ? previous.get(ParameterKey) : ParameterValue,
    ]),
  );
  const texts = new Map<string, string>();
  for (const [name, declared] of Parameters) {
    const text = values.get(name) ?? declared.Default;
    if (text === undefined) continue;
    check(name, declared, text);
    texts.set(name, text);
  }
  const missing = [...Parameters.keys()].filter((name) => !texts.has(name));
  if (missing.length > 0) throw invalid(`Parameters: [${missing.join(', ')}] must have values`);
  return texts;
}
