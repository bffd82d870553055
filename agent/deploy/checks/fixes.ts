import type { ErrorCode } from '../../model/error.ts';
import type { Expected } from './expected.ts';
import type { Trail } from './trail-calls.ts';

/** The stack may be up to date for CloudFormation, which does not look: then the page has the commands. */
export function deploying({ source }: Expected, code: ErrorCode): string {
  return `guardrelay deploy --customer ${source.customer}   (nothing to do there? docs/errors/${code}.md)`;
}

/** Where all policies of the account are taken. */
export function scopingPolicy({ source }: Expected): string {
  return `guardrelay deploy --customer ${source.customer}   (once its stack.logPolicyScope is logGroup: docs/errors/LOG-003.md)`;
}

/** Others made it: nothing of theirs is changed here. */
export function listGroups(expected: Expected): string {
  const columns = "--query 'logGroups[].[logGroupName,logGroupClass]' --output table";
  return inRegion(`aws logs describe-log-groups ${columns}`, expected);
}

/** Its class can never be changed. */
export function deletingGroup(expected: Expected): string {
  const { customer, logGroup } = expected.source;
  const command = inRegion(`aws logs delete-log-group --log-group-name ${logGroup}`, expected);
  return `${command} && guardrelay deploy --customer ${customer}   (what it holds is gone then: docs/errors/LOG-001.md)`;
}

/** A policy for our log group alone: of several that concern it, AWS takes the longest. */
export function putAccountRetention(expected: Expected): string {
  const { source, retentionDays, retentionPolicyName } = expected;
  const document = JSON.stringify({ retentionInDays: retentionDays, enforcementMode: 'RETROACTIVE' });
  const policy = `--policy-name ${retentionPolicyName} --policy-type RETENTION_POLICY --policy-document '${document}'`;
  const selection = `--selection-criteria 'LogGroupNamePrefix IN ["${source.logGroup}"]'`;
  return inRegion(`aws logs put-account-policy ${policy} ${selection}`, expected);
}

/** Shows why, and leaves them there. */
export function readDeadLetters(queueUrl: string, expected: Expected): string {
  const columns = ['RULE_ARN', 'ERROR_CODE', 'ERROR_MESSAGE'].map((name) => `${name}.StringValue`);
  const query = `--query 'Messages[].MessageAttributes.[${columns.join(',')}]' --output text`;
  const some = '--max-number-of-messages 10 --message-attribute-names All --visibility-timeout 0';
  return inRegion(`aws sqs receive-message --queue-url ${queueUrl} ${some} ${query}`, expected);
}

export function startLogging({ arn, homeRegion }: Trail): string {
  return `aws cloudtrail start-logging --name ${arn} --region ${homeRegion}`;
}

export function enableNewMembers(expected: Expected): string {
  const change = '--auto-enable-organization-members NEW';
  return inRegion(
    `aws guardduty update-organization-configuration ${detectorOf(expected)} ${change}`,
    expected,
  );
}

/** Looked up by the shell, so that one command serves every region. */
export function detectorOf(expected: Expected): string {
  const list = inRegion("aws guardduty list-detectors --query 'DetectorIds[0]' --output text", expected);
  return `--detector-id $(${list})`;
}

export function inRegion(command: string, { source }: Expected): string {
  return `${command} --region ${source.region}`;
}
