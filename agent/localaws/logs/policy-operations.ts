import { z } from 'zod';
import type { Operation } from '../operation.ts';
import { operationsRefusing } from '../operation.ts';
import { pageOf } from '../paging.ts';
import type { Place } from '../service.ts';
import { AwsError } from '../service.ts';
import type { Logs } from './logs.ts';
import { namedGroup } from './naming.ts';
import type { ResourcePolicy } from './resource-policies.ts';

const operation = operationsRefusing('InvalidParameterException');

const putResourcePolicy = z.object({
  policyName: z.string().min(1),
  policyDocument: z.string().min(1),
  resourceArn: z.string().optional(),
  expectedRevisionId: z.string().nullish(),
});

const deleteResourcePolicy = z.object({
  policyName: z.string().optional(),
  resourceArn: z.string().optional(),
  expectedRevisionId: z.string().nullish(),
});

const describeResourcePolicies = z.object({
  nextToken: z.string().optional(),
  limit: z.int().min(1).max(50).default(50),
  resourceArn: z.string().optional(),
  policyScope: z.enum(['ACCOUNT', 'RESOURCE']).optional(),
});

/** The operations on resource policies, of the account and of single log groups. */
export function resourcePolicyOperations(logs: Logs): Readonly<Record<string, Operation>> {
  function ofGroup(place: Place, resourceArn: string): ResourcePolicy | undefined {
    return logs
      .policies(place)
      .list()
      .find((policy) => policy.resourceArn === resourceArn);
  }

  /** A policy of a group is changed only by someone who knows its last revision. */
  function checkRevision(place: Place, resourceArn: string, expected: string | null | undefined): void {
    if ((ofGroup(place, resourceArn)?.revisionId ?? null) === (expected ?? null)) return;
    throw new AwsError('OperationAbortedException', 'The policy has another revision than the expected one.');
  }

  return {
    PutResourcePolicy: operation(putResourcePolicy, (input, place) => {
      const { policyName, policyDocument, resourceArn, expectedRevisionId } = input;
      const policies = logs.policies(place);
      if (resourceArn === undefined) {
        return { resourcePolicy: policies.putForAccount(policyName, policyDocument) };
      }
      const { arn } = namedGroup(logs, place, { logGroupIdentifier: resourceArn });
      checkRevision(place, arn, expectedRevisionId);
      const resourcePolicy = policies.putForGroup(arn, policyName, policyDocument);
      return { resourcePolicy, revisionId: resourcePolicy.revisionId };
    }),
    DeleteResourcePolicy: operation(deleteResourcePolicy, (input, place) => {
      const { policyName = '', resourceArn, expectedRevisionId } = input;
      if (resourceArn === undefined) {
        logs.policies(place).deleteForAccount(policyName);
        return;
      }
      checkRevision(place, resourceArn, expectedRevisionId);
      logs.policies(place).deleteForGroup(resourceArn);
    }),
    DescribeResourcePolicies: operation(describeResourcePolicies, (input, place) => {
      const { resourceArn, policyScope = resourceArn === undefined ? 'ACCOUNT' : 'RESOURCE' } = input;
      const found = logs
        .policies(place)
        .list()
        .filter((policy) => policy.policyScope === policyScope)
        .filter((policy) => resourceArn === undefined || policy.resourceArn === resourceArn);
      const { items, nextToken } = pageOf(found, { ...input, invalidCode: 'InvalidParameterException' });
      return { resourcePolicies: items, nextToken };
    }),
  };
}
