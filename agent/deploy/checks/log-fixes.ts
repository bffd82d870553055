import { PutResourcePolicyCommand, PutRetentionPolicyCommand } from '@aws-sdk/client-cloudwatch-logs';

import type { Expected } from './expected.ts';
import { policyFor } from './log-policy.ts';
import type { Remedy } from './remedy.ts';

export function putRetention({ source, groupArn, retentionDays }: Expected): Remedy {
  const { region, logGroup } = source;
  return {
    description: `let log group ${logGroup} keep events for ${retentionDays} days`,
    command: `aws logs put-retention-policy --log-group-name ${logGroup} --retention-in-days ${retentionDays} --region ${region}`,
    place: source,
    action: 'logs:PutRetentionPolicy',
    resource: groupArn,
    async apply({ clients, scope, signal }) {
      const command = new PutRetentionPolicyCommand({
        logGroupName: logGroup,
        retentionInDays: retentionDays,
      });
      await clients.logs(scope, region).send(command, { abortSignal: signal });
    },
  };
}

/** A policy of the log group itself is replaced only by whoever names its `revision`; none: it has no policy yet. */
export function putPolicy(expected: Expected, revision?: string): Remedy {
  const { source, policyName, policyScope, groupArn } = expected;
  const { region } = source;
  const document = policyFor(expected);
  const known = revision === undefined ? '' : ` --expected-revision-id ${revision}`;
  const scope = policyScope === 'account' ? '' : ` --resource-arn ${groupArn}${known}`;
  return {
    description: `let EventBridge write to log group ${source.logGroup}: Logs resource policy ${policyName}`,
    command: `aws logs put-resource-policy --policy-name ${policyName} --policy-document '${document}'${scope} --region ${region}`,
    place: source,
    action: 'logs:PutResourcePolicy',
    resource: '*',
    async apply({ clients, scope, signal }) {
      const ofGroup = { resourceArn: groupArn, expectedRevisionId: revision };
      const command = new PutResourcePolicyCommand({
        ...{ policyName, policyDocument: document },
        ...(policyScope === 'account' ? {} : ofGroup),
      });
      await clients.logs(scope, region).send(command, { abortSignal: signal });
    },
  };
}
