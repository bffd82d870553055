import type { ErrorCode } from '../../model/error.ts';
import type { Expected, ExpectedRule } from './expected.ts';
import type { Trail } from './trail-calls.ts';

/** What the template calls the only target of each of its rules. */
const TARGET_ID = 'logs';

/** The stack may be up to date for CloudFormation, which does not look: then the page has the commands. */
export function deploying({ source }: Expected, code: ErrorCode): string {
  return `guardrelay deploy --customer ${source.customer}   (nothing to do there? docs/errors/${code}.md)`;
}

/** Makes a rule what the template says, and enables it. */
export function putRule(rule: ExpectedRule, expected: Expected): string {
  const trigger =
    rule.kind === 'pattern'
      ? `--event-pattern '${JSON.stringify(rule.pattern)}'`
      : `--schedule-expression '${rule.schedule}'`;
  return inRegion(`aws events put-rule --name ${rule.name} --state ENABLED ${trigger}`, expected);
}

export function enableRule(rule: ExpectedRule, expected: Expected): string {
  return inRegion(`aws events enable-rule --name ${rule.name}`, expected);
}

/** Replaces the target of that id, if there is one. */
export function putTarget(rule: ExpectedRule, expected: Expected) {
  const queue = rule.kind === 'pattern' ? rule.deadLetterQueueArn : undefined;
  const deadLetters = queue === undefined ? '' : `,DeadLetterConfig={Arn=${queue}}`;
  const target = `'Id=${TARGET_ID},Arn=${expected.groupArn}${deadLetters}'`;
  const command = `aws events put-targets --rule ${rule.name} --targets ${target}`;
  return { id: TARGET_ID, command: inRegion(command, expected) };
}

export function removeTargets(rule: ExpectedRule, ids: readonly string[], expected: Expected): string {
  return inRegion(`aws events remove-targets --rule ${rule.name} --ids ${ids.join(' ')}`, expected);
}

export function putRetention(expected: Expected): string {
  const { source, retentionDays } = expected;
  const days = `--retention-in-days ${retentionDays}`;
  return inRegion(`aws logs put-retention-policy --log-group-name ${source.logGroup} ${days}`, expected);
}

export function putPolicy(document: string, expected: Expected): string {
  const policy = `--policy-name ${expected.policyName} --policy-document '${document}'`;
  return inRegion(`aws logs put-resource-policy ${policy}`, expected);
}

export function startLogging({ arn, homeRegion }: Trail): string {
  return `aws cloudtrail start-logging --name ${arn} --region ${homeRegion}`;
}

/** GuardDuty costs money: whoever runs it decides. */
export function createDetector(expected: Expected): string {
  return inRegion(
    'aws guardduty create-detector --enable --finding-publishing-frequency FIFTEEN_MINUTES',
    expected,
  );
}

export function updateDetector(change: string, expected: Expected): string {
  return inRegion(`aws guardduty update-detector ${detectorOf(expected)} ${change}`, expected);
}

export function enableNewMembers(expected: Expected): string {
  const change = '--auto-enable-organization-members NEW';
  return inRegion(
    `aws guardduty update-organization-configuration ${detectorOf(expected)} ${change}`,
    expected,
  );
}

/** Looked up by the shell, so that one command serves every region. */
function detectorOf(expected: Expected): string {
  const list = inRegion("aws guardduty list-detectors --query 'DetectorIds[0]' --output text", expected);
  return `--detector-id $(${list})`;
}

function inRegion(command: string, { source }: Expected): string {
  return `${command} --region ${source.region}`;
}
