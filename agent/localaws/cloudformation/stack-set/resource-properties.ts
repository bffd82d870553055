import { z } from 'zod';

import type { Properties } from '../../service.ts';
import { type Target, targetKey } from './stack-set.ts';

const instanceGroup = z.strictObject({
  DeploymentTargets: z.strictObject({ Accounts: z.array(z.string()).min(1) }),
  Regions: z.array(z.string()).min(1),
});

/** CloudFormation makes a text of a number. */
const parameter = z.strictObject({
  ParameterKey: z.string(),
  ParameterValue: z.union([z.string(), z.number()]).transform(String),
});

/** Of `AWS::CloudFormation::StackSet`; a service-managed set is refused, and so are overrides. */
export const setProperties = z.strictObject({
  StackSetName: z.string(),
  PermissionModel: z.literal('SELF_MANAGED'),
  Description: z.string().optional(),
  TemplateBody: z.string().optional(),
  TemplateURL: z.string().optional(),
  Parameters: z.array(parameter).default([]),
  Capabilities: z.array(z.string()).default([]),
  Tags: z.array(z.json()).default([]),
  AdministrationRoleARN: z.string().optional(),
  ExecutionRoleName: z.string().optional(),
  ManagedExecution: z.strictObject({ Active: z.boolean() }).default({ Active: false }),
  OperationPreferences: z.record(z.string(), z.json()).default({}),
  StackInstancesGroup: z.array(instanceGroup).default([]),
});
export type SetProperties = z.output<typeof setProperties>;

/** What CreateStackSet and UpdateStackSet are told. */
export function definitionOf(wanted: SetProperties): Properties {
  const { StackInstancesGroup: _instances, OperationPreferences: _preferences, ...definition } = wanted;
  const Active = String(definition.ManagedExecution.Active);
  return { ...definition, ManagedExecution: { Active } };
}

/** The regions of one account, as one operation takes them. */
interface InstanceGroup {
  readonly Accounts: readonly string[];
  readonly Regions: readonly string[];
}

/** The instances that the properties want, without those of others. */
export function instancesOf(wanted?: SetProperties, without?: SetProperties): readonly InstanceGroup[] {
  const unwanted = new Set(targetsOf(without).map(targetKey));
  const targets = targetsOf(wanted).filter((target) => !unwanted.has(targetKey(target)));
  return [...Map.groupBy(targets, ({ account }) => account)].map(([account, own]) => ({
    Accounts: [account],
    Regions: own.map(({ region }) => region),
  }));
}

function targetsOf(wanted?: SetProperties): readonly Target[] {
  return (wanted?.StackInstancesGroup ?? []).flatMap(({ DeploymentTargets, Regions }) =>
    DeploymentTargets.Accounts.flatMap((account) => Regions.map((region) => ({ account, region }))),
  );
}
