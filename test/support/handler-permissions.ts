import { readFileSync } from 'node:fs';
import { z } from 'zod';

import { parseTemplate } from '../../agent/localaws/cloudformation/template/template.ts';

/** By type and handler, as the resource schemas of CloudFormation say it; the cfn-lint suite compares. */
const PERMISSIONS = z
  .record(z.string(), z.record(z.string(), z.array(z.string())))
  .parse(JSON.parse(readFileSync(new URL('../fixtures/handler-permissions.json', import.meta.url), 'utf8')));

/** Handlers list what they need for any template. These go with one property, and our templates do not have it. */
const GOES_WITH: Readonly<Record<string, readonly string[]>> = {
  'AWS::Logs::LogGroup DataProtectionPolicy': [
    ...['logs:PutDataProtectionPolicy', 'logs:DeleteDataProtectionPolicy', 'logs:CreateLogDelivery'],
    ...['s3:REST.PUT.OBJECT', 'firehose:TagDeliveryStream'],
  ],
  'AWS::Logs::LogGroup FieldIndexPolicies': ['logs:PutIndexPolicy', 'logs:DeleteIndexPolicy'],
  'AWS::Logs::LogGroup BearerTokenAuthenticationEnabled': ['logs:PutBearerTokenAuthentication'],
  'AWS::Logs::LogGroup DeletionProtectionEnabled': ['logs:PutLogGroupDeletionProtection'],
  'AWS::IAM::Role ManagedPolicyArns': ['iam:AttachRolePolicy', 'iam:DetachRolePolicy'],
  'AWS::IAM::Policy Users': ['iam:GetUserPolicy', 'iam:PutUserPolicy', 'iam:DeleteUserPolicy'],
  'AWS::IAM::Policy Groups': ['iam:GetGroupPolicy', 'iam:PutGroupPolicy', 'iam:DeleteGroupPolicy'],
};

/** Goes with `KmsKeyArn`, a key of one region: neither `deploy` nor a StackSet for several gives one. */
const BY_HAND = ['logs:AssociateKmsKey', 'logs:DisassociateKmsKey'];

/** What CloudFormation does in the name of whoever makes, changes or deletes a stack of one of these templates. */
export function handlerActions(...bodies: readonly string[]): readonly string[] {
  const resources = bodies.flatMap((body) => [...parseTemplate(body).Resources.values()]);
  const types = [...new Set(resources.map(({ Type }) => Type))];
  const unknown = types.filter((type) => !(type in PERMISSIONS));
  if (unknown.length > 0) throw new Error(`test/fixtures/handler-permissions.json lacks ${unknown}`);
  const spared = Object.entries(GOES_WITH).flatMap(([owner, actions]) => {
    const [type, property = ''] = owner.split(' ');
    return resources.some(({ Type, Properties }) => Type === type && property in Properties) ? [] : actions;
  });
  const needed = types.flatMap((type) => Object.values(PERMISSIONS[type] ?? {}).flat());
  return [...new Set(needed)].filter((action) => ![...spared, ...BY_HAND].includes(action)).sort();
}
