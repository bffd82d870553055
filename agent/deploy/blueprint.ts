import { createHash } from 'node:crypto';

import type { Capability, Parameter, Tag } from '@aws-sdk/client-cloudformation';

import { EXIT, GuardrelayError } from '../model/error.ts';
import type { Parameters } from './parameters.ts';
import type { Place } from './places.ts';
import { placeKey } from './places.ts';
import type { Template } from './template.ts';

export type Tags = Readonly<Record<string, string>>;

/** What a stack, or every stack of a StackSet, shall be. */
export interface Blueprint<P extends Parameters = Parameters> {
  /** Of the stack or the StackSet. */
  readonly name: string;
  readonly customer: string;
  readonly template: Template;
  readonly parameters: P;
  readonly tags: Tags;
  readonly capabilities: readonly Capability[];
}

export const TAG = {
  customer: 'guardrelay:customer',
  version: 'guardrelay:version',
  configHash: 'guardrelay:config-hash',
} as const;

/** The user's tags and ours. By ours a later run tells whose a stack is, and whether it is up to date. */
export function blueprintTags({
  customer,
  template,
  parameters,
  tags,
}: Pick<Blueprint, 'customer' | 'template' | 'parameters' | 'tags'>): Tags {
  const content = JSON.stringify([template.sha256, sorted(parameters), sorted(tags)]);
  return {
    ...tags,
    [TAG.customer]: customer,
    [TAG.version]: template.version,
    [TAG.configHash]: sha256(content).slice(0, 16),
  };
}

/** What AWS tells of a stack or a StackSet. */
interface Live {
  readonly Tags?: readonly Tag[] | undefined;
  readonly Parameters?: readonly Parameter[] | undefined;
}

/** What AWS has was made from this very blueprint, and nobody has changed a parameter since under the same tags. */
export function isUpToDate({ tags, parameters }: Blueprint, live: Live | undefined): boolean {
  const given = parametersOf(live?.Parameters);
  return (
    [TAG.version, TAG.configHash].every((key) => tagOf(live?.Tags, key) === tags[key]) &&
    Object.entries(parameters).every(([name, value]) => (given[name] ?? '') === value)
  );
}

/** Refuses to touch what another customer, or somebody without guardrelay, has made under this name. */
export function requireOwn(
  { customer, name }: Blueprint,
  what: string,
  live: readonly Tag[] | undefined,
): void {
  const owner = tagOf(live, TAG.customer);
  if (owner === customer) return;
  const whose = owner === undefined ? 'was not made by guardrelay' : `belongs to customer ${owner}`;
  throw new GuardrelayError('CFN-002', `${what} ${whose}, so ${customer} must not touch it`, {
    exitCode: EXIT.failure,
    fix: `Give customer ${customer} another stack.name, for example ${name}-${customer}.`,
  });
}

function tagOf(live: readonly Tag[] | undefined, key: string): string | undefined {
  return live?.find((tag) => tag.Key === key)?.Value;
}

/** The template, parameters and tags in CloudFormation's words. */
export function definition({ template, parameters, tags, capabilities }: Blueprint) {
  return {
    TemplateBody: template.body,
    Parameters: parameterList(parameters),
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    Capabilities: [...capabilities],
  };
}

/** The parameters of a live stack or StackSet. */
export function parametersOf(live: readonly Parameter[] | undefined): Parameters {
  const named = (live ?? []).map(({ ParameterKey = '', ParameterValue = '' }) => [
    ParameterKey,
    ParameterValue,
  ]);
  return Object.fromEntries(named);
}

export function parameterList(parameters: Parameters) {
  return Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
    ParameterKey,
    ParameterValue,
  }));
}

/**
 * The start of the id of a StackSet operation: the same work on the same set has the same id, so that a
 * restarted command finds its operation again. The attempt number follows.
 */
export function operationPrefix(
  action: string,
  stackSetId: string,
  tags: Tags,
  places: readonly Place[],
): string {
  const content = JSON.stringify([action, stackSetId, tags[TAG.configHash], places.map(placeKey).sort()]);
  return `gr-${sha256(content).slice(0, 32)}-`;
}

function sorted(values: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(values).sort(([left], [right]) => (left < right ? -1 : 1));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
