import type { ResolvedCustomer } from '../../config/config.ts';
import type { Source } from '../../model/source.ts';
import type { EventPattern, RulePatterns } from './patterns.ts';

/** A rule of the collector, as its configuration wants it. */
export type ExpectedRule = PatternRule | ScheduleRule;

interface RuleName {
  readonly name: string;
  readonly arn: string;
}

interface PatternRule extends RuleName {
  readonly kind: 'pattern';
  readonly pattern: EventPattern;
  readonly deadLetterQueueArn?: string;
}

interface ScheduleRule extends RuleName {
  readonly kind: 'schedule';
  readonly schedule: string;
}

/** The only target of each rule. */
interface ExpectedTarget {
  /** Without `:*`. */
  readonly arn: string;
  /** Of an event bus: as whom EventBridge puts events on it. */
  readonly roleArn?: string;
  /** For people. */
  readonly name: string;
}

/** What should stand in one region of one account. */
export interface Expected {
  readonly source: Source;
  /** Without `:*`. */
  readonly groupArn: string;
  readonly target: ExpectedTarget;
  /** Its rules forward to the hub, and there is no log group. */
  readonly isSpoke: boolean;
  /** None where others made the log group: then its rules, policy and retention are theirs too. */
  readonly rules: readonly ExpectedRule[];
  /** What it is called, if the collector has one. */
  readonly deadLetterQueue?: string;
  /** Whether findings of this region are wanted, and whose; with the log group of others nothing is known of theirs. */
  readonly findingsOf?: ResolvedCustomer['topology'];
  /** Whether the calls that change GuardDuty are wanted. */
  readonly wantsChanges: boolean;
  readonly policyName: string;
  /** Whether the Logs policy is one of the account's or the log group's own. */
  readonly policyScope: ResolvedCustomer['stack']['logPolicyScope'];
  /** Rules that the policy names, whether there are such or not. */
  readonly policyRuleArns: readonly string[];
  readonly retentionDays: number;
  /** Of the policy that is made where one of the account lets our log group forget too soon. */
  readonly retentionPolicyName: string;
  readonly heartbeat: ResolvedCustomer['heartbeat']['mode'];
  /** After so long without a heartbeat a source is silent. */
  readonly silentAfterMs: number;
  /** So long a new log group may wait for its first heartbeat. */
  readonly pendingMs: number;
}

const MINUTE_MS = 60_000;
/** What the policy of the template names in every region. */
const RULES = ['findings', 'changes', 'heartbeat'];

export function expectedAt(source: Source, customer: ResolvedCustomer, patterns: RulePatterns): Expected {
  const { stack, heartbeat, health, collect, topology } = customer;
  const isSpoke = stack.hubRegion !== undefined && stack.hubRegion !== source.region;
  return {
    source,
    groupArn: logGroupArn(source),
    target: isSpoke ? hubTarget(source, stack) : { arn: logGroupArn(source), name: 'the log group' },
    isSpoke,
    rules: stack.mode === 'existing' ? [] : expectedRules(source, customer, patterns),
    ...(stack.deadLetterQueue && stack.mode !== 'existing' ? { deadLetterQueue: queueName(customer) } : {}),
    ...(collect.findings && stack.mode !== 'existing' ? { findingsOf: topology } : {}),
    wantsChanges: collect.configChanges && stack.mode !== 'existing',
    policyName: `${stack.prefix}-events`,
    policyScope: stack.logPolicyScope,
    policyRuleArns: RULES.map((rule) => arnOf(source, 'events', `rule/${stack.prefix}-${rule}`)),
    retentionDays: stack.retentionDays,
    retentionPolicyName: `${stack.prefix}-retention`,
    heartbeat: heartbeat.mode,
    silentAfterMs: (heartbeat.everyMinutes * health.silentAfterMissed + health.graceMinutes) * MINUTE_MS,
    pendingMs: health.pendingMinutes * MINUTE_MS,
  };
}

function hubTarget(source: Source, { hubRegion = '', prefix }: ResolvedCustomer['stack']): ExpectedTarget {
  const { partition, account } = source;
  return {
    arn: arnOf({ ...source, region: hubRegion }, 'events', 'event-bus/default'),
    roleArn: `arn:${partition}:iam::${account}:role/${prefix}-forwarding`,
    name: `the event bus of ${hubRegion}`,
  };
}

/** As a target and a policy name it: without `:*`. */
export function logGroupArn(source: Source): string {
  return arnOf(source, 'logs', `log-group:${source.logGroup}`);
}

function expectedRules(
  source: Source,
  customer: ResolvedCustomer,
  patterns: RulePatterns,
): readonly ExpectedRule[] {
  const { stack, collect, heartbeat } = customer;
  const named = (suffix: string): RuleName => {
    const name = `${stack.prefix}-${suffix}`;
    return { name, arn: arnOf(source, 'events', `rule/${name}`) };
  };
  const queue = stack.deadLetterQueue
    ? { deadLetterQueueArn: arnOf(source, 'sqs', queueName(customer)) }
    : {};
  const { findings, changes } = patterns;
  const rules: ExpectedRule[] = [];
  if (collect.findings) rules.push({ ...named('findings'), kind: 'pattern', pattern: findings, ...queue });
  if (collect.configChanges) rules.push({ ...named('changes'), kind: 'pattern', pattern: changes, ...queue });
  if (heartbeat.mode === 'rule') {
    rules.push({ ...named('heartbeat'), kind: 'schedule', schedule: rateOf(heartbeat.everyMinutes) });
    if (stack.hubRegion === source.region) {
      rules.push({ ...named('spokes'), kind: 'pattern', pattern: spokesPattern(source, customer) });
    }
  }
  return rules;
}

/** The template computes it, so that it cannot be read there as the others are. */
function spokesPattern({ partition, account, region }: Source, { stack }: ResolvedCustomer): EventPattern {
  return {
    source: ['aws.events'],
    account: [account],
    region: [{ 'anything-but': [region] }],
    'detail-type': ['Scheduled Event'],
    resources: [{ wildcard: `arn:${partition}:events:*:${account}:rule/${stack.prefix}-heartbeat` }],
  };
}

function queueName({ stack }: ResolvedCustomer): string {
  return `${stack.prefix}-dlq`;
}

/** EventBridge refuses the plural for 1. */
function rateOf(minutes: number): string {
  return minutes === 1 ? 'rate(1 minute)' : `rate(${minutes} minutes)`;
}

function arnOf({ partition, region, account }: Source, service: string, resource: string): string {
  return `arn:${partition}:${service}:${region}:${account}:${resource}`;
}
