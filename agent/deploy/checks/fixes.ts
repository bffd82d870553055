import type { ErrorCode } from '../../model/error.ts';
import type { Expected } from './expected.ts';
import type { Trail } from './trail-calls.ts';

/** The stack may be up to date for CloudFormation, which does not look: then the page has the commands. */
export function deploying({ source }: Expected, code: ErrorCode): string {
  return `guardrelay deploy --customer ${source.customer}   (nothing to do there? docs/errors/${code}.md)`;
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

function inRegion(command: string, { source }: Expected): string {
  return `${command} --region ${source.region}`;
}
