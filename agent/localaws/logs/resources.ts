import { z } from 'zod';

import { checkProperties } from '../properties.ts';
import type { Place, Properties, Resource, ResourceHandler } from '../service.ts';
import { AwsError } from '../service.ts';
import type { LogGroup } from './groups.ts';
import { LOG_CLASSES } from './groups.ts';
import type { Logs } from './logs.ts';

const logGroup = z.object({
  LogGroupName: z.string().optional(),
  LogGroupClass: z.enum(LOG_CLASSES).optional(),
  RetentionInDays: z.coerce.number().optional(),
  KmsKeyId: z.string().optional(),
  ResourcePolicyDocument: z.unknown().optional(),
});

const resourcePolicy = z.object({ PolicyName: z.string(), PolicyDocument: z.string() });

/** CloudFormation's name for the one policy that stands in a log group's own properties. */
const GROUP_POLICY_NAME = 'ResourcePolicyDocument';

/** `AWS::Logs::LogGroup`. Its `Arn` ends in `:*`, as on AWS. */
function logGroups(logs: Logs): ResourceHandler {
  const shown = ({ name, arn }: LogGroup): Resource => ({
    physicalId: name,
    attributes: { Arn: `${arn}:*` },
  });

  function configure(place: Place, group: LogGroup, wanted: z.output<typeof logGroup>): Resource {
    logs.groups(place).retain(group.name, wanted.RetentionInDays);
    const policies = logs.policies(place);
    if (wanted.ResourcePolicyDocument === undefined) policies.deleteForGroup(group.arn);
    else policies.putForGroup(group.arn, GROUP_POLICY_NAME, JSON.stringify(wanted.ResourcePolicyDocument));
    return shown(group);
  }

  function create(place: Place, properties: Properties, logicalId: string): Resource {
    const wanted = checkProperties(logGroup, properties);
    const { LogGroupName: name = logicalId, LogGroupClass: logClass, KmsKeyId: kmsKeyId } = wanted;
    const groups = logs.groups(place);
    if (groups.find(name)) {
      const refusal = `Resource of type 'AWS::Logs::LogGroup' with identifier '{"/properties/LogGroupName":"${name}"}' already exists.`;
      throw new AwsError('AlreadyExists', refusal);
    }
    const retentionInDays = wanted.RetentionInDays;
    return configure(place, groups.create({ name, logClass, kmsKeyId, retentionInDays }), wanted);
  }

  return {
    type: 'AWS::Logs::LogGroup',
    create: async (place, properties, logicalId) => create(place, properties, logicalId),
    async update(place, physicalId, properties, logicalId) {
      const wanted = checkProperties(logGroup, properties);
      const group = logs.groups(place).get(physicalId);
      const { LogGroupName: name = physicalId, LogGroupClass: logClass = 'STANDARD' } = wanted;
      if (name !== physicalId) return create(place, properties, logicalId);
      if (logClass !== group.logClass) {
        throw new AwsError('InvalidRequest', 'The class of a log group cannot be changed.');
      }
      return configure(place, group, wanted);
    },
    async delete(place, physicalId) {
      const group = logs.groups(place).find(physicalId);
      if (!group) return;
      logs.groups(place).delete(physicalId);
      logs.policies(place).deleteForGroup(group.arn);
    },
    async find(place, properties) {
      const { LogGroupName } = checkProperties(logGroup, properties);
      const group = LogGroupName === undefined ? undefined : logs.groups(place).find(LogGroupName);
      return group && shown(group);
    },
  };
}

/** `AWS::Logs::ResourcePolicy`. */
function resourcePolicies(logs: Logs): ResourceHandler {
  function put(place: Place, properties: Properties): Resource {
    const { PolicyName, PolicyDocument } = checkProperties(resourcePolicy, properties);
    logs.policies(place).putForAccount(PolicyName, PolicyDocument);
    return { physicalId: PolicyName, attributes: {} };
  }

  function exists(place: Place, name: string): boolean {
    return logs
      .policies(place)
      .list()
      .some(({ policyName, policyScope }) => policyScope === 'ACCOUNT' && policyName === name);
  }

  return {
    type: 'AWS::Logs::ResourcePolicy',
    create: async (place, properties) => put(place, properties),
    update: async (place, _physicalId, properties) => put(place, properties),
    async delete(place, physicalId) {
      if (exists(place, physicalId)) logs.policies(place).deleteForAccount(physicalId);
    },
    async find(place, properties) {
      const { PolicyName } = checkProperties(resourcePolicy, properties);
      return exists(place, PolicyName) ? { physicalId: PolicyName, attributes: {} } : undefined;
    },
  };
}

/** What CloudFormation can make in CloudWatch Logs. */
export function logResources(logs: Logs): readonly ResourceHandler[] {
  return [logGroups(logs), resourcePolicies(logs)];
}
