import { z } from 'zod';

import type { Operation } from '../operation.ts';
import { operationsRefusing } from '../operation.ts';
import { AwsError } from '../service.ts';
import type { Logs } from './logs.ts';

const operation = operationsRefusing('InvalidParameterException');

/** The other types change what is written or indexed, which nothing here does. */
const policyType = z.literal(
  'RETENTION_POLICY',
  'localaws has account policies of type RETENTION_POLICY only',
);
const named = z.object({ policyName: z.string().min(1), policyType });
const putAccountPolicy = named.extend({
  policyDocument: z.string().min(1).max(30_720),
  scope: z.literal('ALL').optional(),
  selectionCriteria: z.string().optional(),
});
const describeAccountPolicies = z.object({
  policyType,
  policyName: z.string().optional(),
  nextToken: z.string().optional(),
});

/** The operations on policies for all log groups of an account. */
export function accountPolicyOperations(logs: Logs): Readonly<Record<string, Operation>> {
  return {
    PutAccountPolicy: operation(putAccountPolicy, (input, place) => {
      const { policyName, policyDocument, selectionCriteria } = input;
      const policies = logs.accountRetention(place);
      return { accountPolicy: policies.put(policyName, policyDocument, selectionCriteria) };
    }),
    DeleteAccountPolicy: operation(named, ({ policyName }, place) => {
      logs.accountRetention(place).delete(policyName);
    }),
    DescribeAccountPolicies: operation(describeAccountPolicies, ({ policyName }, place) => {
      const all = logs.accountRetention(place).list();
      const found = all.filter((policy) => policyName === undefined || policy.policyName === policyName);
      if (policyName !== undefined && found.length === 0) {
        throw new AwsError('ResourceNotFoundException', `Policy with name [${policyName}] does not exist`);
      }
      return { accountPolicies: found };
    }),
  };
}
