import type { Objects } from '../s3/objects.ts';
import type { Place, ResourceHandler } from '../service.ts';
import { AwsError } from '../service.ts';
import type { Source } from './input.ts';
import { invalid } from './invalid.ts';
import type { StackSpec } from './stack/stack.ts';
import type { StackPlan } from './stack/stack-work.ts';
import { drawBlueprint } from './template/blueprint.ts';
import { parameterTexts } from './template/parameters.ts';
import { checkReferences } from './template/references.ts';
import type { Template } from './template/template.ts';
import { parseTemplate } from './template/template.ts';

/** Turns what a call says into what a stack is to become. */
export interface Specifications {
  /** A template that could be deployed; throws ValidationError. */
  read(body: string): Template;
  /** Checks template, parameters and capabilities; `previous` fills in what the call leaves as it was. */
  specify(source: SpecificationSource, previous?: StackSpec): StackSpec;
  /** Resolves a specification for the place where its stack stands. */
  plan(spec: StackSpec, stack: { place: Place; name: string; id: string }): StackPlan;
}

type SpecificationSource = Pick<
  Source,
  'TemplateBody' | 'TemplateURL' | 'UsePreviousTemplate' | 'Parameters' | 'Tags' | 'Capabilities'
>;

/** The names that make an IAM resource a named one. */
const IAM_NAMES = ['RoleName', 'UserName', 'GroupName', 'ManagedPolicyName', 'InstanceProfileName'];

/** The capability that a template needs for what it does in IAM. */
export function capabilityFor({ Resources }: Template): string | undefined {
  const iam = [...Resources.values()].filter(({ Type }) => Type.startsWith('AWS::IAM::'));
  if (iam.length === 0) return undefined;
  const isNamed = iam.some(({ Properties }) => IAM_NAMES.some((name) => name in Properties));
  return isNamed ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM';
}

/** The wider capability includes the narrower one. */
function checkCapabilities(template: Template, given: readonly string[]): void {
  const needed = capabilityFor(template);
  if (needed === undefined || given.includes(needed) || given.includes('CAPABILITY_NAMED_IAM')) return;
  throw new AwsError('InsufficientCapabilitiesException', `Requires capabilities : [${needed}]`);
}

export function createSpecifications(handlers: readonly ResourceHandler[], objects: Objects): Specifications {
  const types = new Set(handlers.map(({ type }) => type));

  function read(body: string): Template {
    const template = parseTemplate(body);
    const unknown = [...template.Resources.values()]
      .map(({ Type }) => Type)
      .filter((type) => !types.has(type));
    if (unknown.length > 0) {
      throw invalid(`Template format error: Unrecognized resource types: [${unknown.join(', ')}]`);
    }
    checkReferences(template);
    return template;
  }

  function bodyOf({ TemplateBody, TemplateURL }: SpecificationSource): string {
    if ((TemplateBody === undefined) === (TemplateURL === undefined)) {
      throw invalid('Either Template URL or Template Body must be specified.');
    }
    const body = TemplateBody ?? objects.get(TemplateURL ?? '');
    if (body === undefined) throw invalid('S3 error: Access Denied');
    return body;
  }

  return {
    read,
    specify(source, previous) {
      const { UsePreviousTemplate, Parameters, Tags, Capabilities } = source;
      const body = (UsePreviousTemplate && previous?.body) || bodyOf(source);
      const template = read(body);
      checkCapabilities(template, Capabilities);
      return {
        body,
        template,
        parameters: parameterTexts(template, Parameters, previous?.parameters),
        tags: Tags ?? previous?.tags ?? [],
        capabilities: Capabilities,
      };
    },
    plan(spec, { place, name, id }) {
      const draft = { template: spec.template, parameters: spec.parameters, place };
      return { spec, blueprint: drawBlueprint({ ...draft, stackName: name, stackId: id }) };
    },
  };
}
