import {
  EnableRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
  type PutTargetsResultEntry,
  RemoveTargetsCommand,
  type Target,
} from '@aws-sdk/client-eventbridge';

import type { Expected, ExpectedRule } from './expected.ts';
import type { Hand, Remedy } from './remedy.ts';
import type { LiveRule } from './rule-calls.ts';

/** What the template calls the only target of each of its rules. */
const TARGET_ID = 'logs';

export function enableRule({ name, arn }: ExpectedRule, { source }: Expected): Remedy {
  return {
    description: `enable rule ${name}`,
    command: `aws events enable-rule --name ${name} --region ${source.region}`,
    place: source,
    action: 'events:EnableRule',
    resource: arn,
    async apply(hand) {
      await clientOf(hand, source.region).send(new EnableRuleCommand({ Name: name }), abortBy(hand));
    },
  };
}

/** Makes a rule what the template says, and enables it. What is not said again would be gone. */
export function putRule(rule: ExpectedRule, { description }: LiveRule, { source }: Expected): Remedy {
  const { name, arn } = rule;
  const pattern = rule.kind === 'pattern' ? JSON.stringify(rule.pattern) : undefined;
  const schedule = rule.kind === 'schedule' ? rule.schedule : undefined;
  const trigger =
    pattern === undefined ? `--schedule-expression '${schedule}'` : `--event-pattern '${pattern}'`;
  const told = description === undefined ? '' : ` --description ${quoted(description)}`;
  return {
    description: `give rule ${name} the ${pattern === undefined ? 'schedule' : 'event pattern'} of the template, and enable it`,
    command: `aws events put-rule --name ${name} --state ENABLED ${trigger}${told} --region ${source.region}`,
    place: source,
    action: 'events:PutRule',
    resource: arn,
    async apply(hand) {
      const command = new PutRuleCommand({
        Name: name,
        State: 'ENABLED',
        EventPattern: pattern,
        ScheduleExpression: schedule,
        Description: description,
      });
      await clientOf(hand, source.region).send(command, abortBy(hand));
    },
  };
}

/** Leaves the log group, or the bus of the hub, as the only target. */
export function mendTargets(
  rule: ExpectedRule,
  live: readonly Target[],
  expected: Expected,
): readonly Remedy[] {
  const { arn, roleArn } = expected.target;
  const right = live.find((target) => target.Arn === arn && target.RoleArn === roleArn);
  const kept = right?.Id ?? TARGET_ID;
  const others = live.flatMap(({ Id }) => (Id === undefined || Id === kept ? [] : [Id]));
  return [
    ...(right ? [] : [putTarget(rule, expected)]),
    ...(others.length > 0 ? [removeTargets(rule, others, expected)] : []),
  ];
}

/** Replaces the target of that id, if there is one. */
function putTarget(rule: ExpectedRule, { source, target: wanted }: Expected): Remedy {
  const { name, arn } = rule;
  const role = wanted.roleArn === undefined ? {} : { RoleArn: wanted.roleArn };
  const target = { Id: TARGET_ID, Arn: wanted.arn, ...role, ...deliveryOf(rule) };
  return {
    description: `let rule ${name} send its events to ${wanted.name}`,
    command: `aws events put-targets --rule ${name} --targets '${shorthand(target)}' --region ${source.region}`,
    place: source,
    action: 'events:PutTargets',
    resource: arn,
    async apply(hand) {
      const command = new PutTargetsCommand({ Rule: name, Targets: [target] });
      refuseFailures((await clientOf(hand, source.region).send(command, abortBy(hand))).FailedEntries);
    },
  };
}

/** How the template lets a rule deliver: an old heartbeat is worth nothing. */
function deliveryOf(rule: ExpectedRule) {
  const ageSeconds = rule.kind === 'pattern' ? 86_400 : 3_600;
  const queue = rule.kind === 'pattern' ? rule.deadLetterQueueArn : undefined;
  return {
    ...(queue === undefined ? {} : { DeadLetterConfig: { Arn: queue } }),
    RetryPolicy: { MaximumEventAgeInSeconds: ageSeconds, MaximumRetryAttempts: 185 },
  };
}

/** As the AWS CLI takes structures. */
function shorthand(structure: object): string {
  return Object.entries(structure)
    .map(([key, value]) => `${key}=${typeof value === 'object' ? `{${shorthand(value)}}` : value}`)
    .join(',');
}

function removeTargets({ name, arn }: ExpectedRule, ids: readonly string[], { source }: Expected): Remedy {
  return {
    description: `take the targets ${ids.join(', ')} away from rule ${name}`,
    command: `aws events remove-targets --rule ${name} --ids ${ids.join(' ')} --region ${source.region}`,
    place: source,
    action: 'events:RemoveTargets',
    resource: arn,
    caution: 'Somebody else has added them, and may count on them.',
    async apply(hand) {
      const command = new RemoveTargetsCommand({ Rule: name, Ids: [...ids] });
      refuseFailures((await clientOf(hand, source.region).send(command, abortBy(hand))).FailedEntries);
    },
  };
}

/** EventBridge answers 200 for targets that it refuses. */
function refuseFailures(failures: readonly PutTargetsResultEntry[] = []): void {
  const [first] = failures;
  if (first) throw new Error(`EventBridge refuses target ${first.TargetId}: ${first.ErrorMessage}`);
}

function clientOf({ clients, scope }: Hand, region: string) {
  return clients.eventbridge(scope, region);
}

function abortBy({ signal }: Hand) {
  return { abortSignal: signal };
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
