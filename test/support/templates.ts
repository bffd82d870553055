import { readFileSync } from 'node:fs';
import type { Output } from '../../agent/localaws/cloudformation/template/blueprint.ts';
import { drawBlueprint } from '../../agent/localaws/cloudformation/template/blueprint.ts';
import { parameterTexts } from '../../agent/localaws/cloudformation/template/parameters.ts';
import type { Template } from '../../agent/localaws/cloudformation/template/template.ts';
import { parseTemplate } from '../../agent/localaws/cloudformation/template/template.ts';
import type { Place } from '../../agent/localaws/service.ts';
import type { JsonObject } from '../../agent/model/json.ts';
import { HOME } from './local-aws.ts';

/** Text of a published file of `templates/`. */
export function templateFile(name: string): string {
  return readFileSync(new URL(`../../templates/${name}`, import.meta.url), 'utf8');
}

export const REGIONAL = templateFile('regional.yaml');
export const READER_ROLE = templateFile('reader-role.yaml');
export const HUB_ROLE = templateFile('hub-role.yaml');
export const STACKSET_ROLES = templateFile('stackset-roles.yaml');
export const SEED = templateFile('seed.yaml');

/** A resource with its functions resolved; what other resources become stands as `<LogicalId>`. */
interface EvaluatedResource {
  readonly type: string;
  readonly properties: JsonObject;
}

export interface Evaluated {
  readonly resources: ReadonlyMap<string, EvaluatedResource>;
  readonly outputs: readonly Output[];
}

/** What a template declares for these parameters. */
export function evaluateTemplate(
  template: Template | string,
  given: Readonly<Record<string, string>> = {},
  place: Place = HOME,
): Evaluated {
  const parsed = typeof template === 'string' ? parseTemplate(template) : template;
  const parameters = parameterTexts(
    parsed,
    Object.entries(given).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })),
  );
  const draft = { template: parsed, parameters, place, stackName: 'stack', stackId: 'stack-id' };
  const { resources, outputs } = drawBlueprint(draft);
  const existing = {
    physicalId: (logicalId: string) => `<${logicalId}>`,
    attribute: (logicalId: string, name: string) => `<${logicalId}.${name}>`,
  };
  return {
    resources: new Map(
      resources.map(({ logicalId, declaration, properties }) => [
        logicalId,
        { type: declaration.Type, properties: properties(existing) },
      ]),
    ),
    outputs: outputs(existing),
  };
}
