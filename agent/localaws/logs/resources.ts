import { z } from 'zod';

import type { JsonObject } from '../../model/json.ts';
import { namedResourceHandler } from '../named-resource.ts';
import { checkProperties, propertyOf } from '../properties.ts';
import type { Place, Properties, Resource, ResourceHandler } from '../service.ts';
import { AwsError } from '../service.ts';
import { changeTags, tagsProperty } from '../tags.ts';
import type { LogGroup } from './groups.ts';
import { LOG_CLASSES } from './groups.ts';
import type { Logs } from './logs.ts';
import type { ResourcePolicy } from './resource-policies.ts';

const logGroup = z.object({
  LogGroupClass: z.enum(LOG_CLASSES).default('STANDARD'),
  RetentionInDays: z.coerce.number().optional(),
  KmsKeyId: z.string().optional(),
  ResourcePolicyDocument: z.unknown().optional(),
});

const resourcePolicy = z.object({ PolicyDocument: z.string() });

/** CloudFormation's name for the one policy that stands in a log group's own properties. */
const GROUP_POLICY_NAME = 'ResourcePolicyDocument';

/** Its `Arn` ends in `:*`, as on AWS. */
function shownGroup({ name, arn }: LogGroup): Resource {
  return { physicalId: name, attributes: { Arn: `${arn}:*` } };
}

/** As its resource handler reads it. */
function propertiesOf(logs: Logs, place: Place, group: LogGroup): JsonObject {
  const { name, arn, logClass, retentionInDays, kmsKeyId, tags } = group;
  const policy = logs
    .policies(place)
    .list()
    .find(({ resourceArn }) => resourceArn === arn);
  return {
    LogGroupName: name,
    LogGroupClass: logClass,
    RetentionInDays: retentionInDays,
    KmsKeyId: kmsKeyId,
    ResourcePolicyDocument: propertyOf(policy?.policyDocument),
    Tags: tagsProperty(tags),
  };
}

function logGroups(logs: Logs): ResourceHandler {
  function groupOf(place: Place, name: string, properties: Properties): LogGroup {
    const wanted = checkProperties(logGroup, properties);
    const { LogGroupClass: logClass, KmsKeyId: kmsKeyId, RetentionInDays: retentionInDays } = wanted;
    const groups = logs.groups(place);
    const known = groups.find(name);
    if (!known) return groups.create({ name, logClass, kmsKeyId, retentionInDays });
    if (known.logClass !== logClass) {
      throw new AwsError('InvalidRequest', 'The class of a log group cannot be changed.');
    }
    groups.retain(name, retentionInDays);
    return known;
  }

  return namedResourceHandler({
    type: 'AWS::Logs::LogGroup',
    nameProperty: 'LogGroupName',
    find(place, name) {
      const group = logs.groups(place).find(name);
      return group && shownGroup(group);
    },
    read: (place, name) => propertiesOf(logs, place, logs.groups(place).get(name)),
    tag: (place, name, change) => changeTags(logs.groups(place).get(name).tags, change),
    put(place, name, properties) {
      const group = groupOf(place, name, properties);
      const policies = logs.policies(place);
      const { ResourcePolicyDocument: document } = properties;
      if (document === undefined) policies.deleteForGroup(group.arn);
      else policies.putForGroup(group.arn, GROUP_POLICY_NAME, JSON.stringify(document));
      return shownGroup(group);
    },
    remove(place, name) {
      const { arn } = logs.groups(place).get(name);
      logs.groups(place).delete(name);
      logs.policies(place).deleteForGroup(arn);
    },
  });
}

/** A policy of the whole account; the ones of log groups stand in their properties. */
function resourcePolicies(logs: Logs): ResourceHandler {
  const shown = (physicalId: string): Resource => ({ physicalId, attributes: {} });

  function policyOf(place: Place, name: string): ResourcePolicy | undefined {
    const policies = logs.policies(place).list();
    return policies.find(({ policyName, policyScope }) => policyScope === 'ACCOUNT' && policyName === name);
  }

  return namedResourceHandler({
    type: 'AWS::Logs::ResourcePolicy',
    nameProperty: 'PolicyName',
    find: (place, name) => policyOf(place, name) && shown(name),
    read: (place, name) => ({ PolicyName: name, PolicyDocument: policyOf(place, name)?.policyDocument }),
    put(place, name, properties) {
      const { PolicyDocument } = checkProperties(resourcePolicy, properties);
      logs.policies(place).putForAccount(name, PolicyDocument);
      return shown(name);
    },
    remove: (place, name) => logs.policies(place).deleteForAccount(name),
  });
}

/** What CloudFormation can make in CloudWatch Logs. */
export function logResources(logs: Logs): readonly ResourceHandler[] {
  return [logGroups(logs), resourcePolicies(logs)];
}
