import { isAllowed, parsePolicy } from '../policy.ts';
import type { Place } from '../service.ts';
import { AwsError } from '../service.ts';
import type { Principals, Role } from '../world.ts';

/** Where a rule sends its events: a log group, or the default bus of another region. */
export interface Target {
  readonly Id: string;
  readonly Arn: string;
  /** As whom EventBridge puts events on a bus. */
  readonly RoleArn?: string | undefined;
  readonly DeadLetterConfig?: { readonly Arn?: string | undefined } | undefined;
  readonly RetryPolicy?: unknown;
}

/** A rule of which a target is looked at, and who may be the role of that target. */
export interface TargetContext {
  readonly place: Place;
  readonly ruleArn: string;
  readonly principals: Principals;
}

const LOG_GROUP = /^arn:[^:]+:logs:[^:]*:[^:]*:log-group:/;
const EVENT_BUS = /^arn:[^:]+:events:(?<region>[^:]+):(?<account>\d{12}):event-bus\/default$/;
const EVENTBRIDGE = 'events.amazonaws.com';

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

/** Where a target's bus stands; undefined: the target is no event bus. */
export function busPlace({ Arn }: Target, { partition }: Place): Place | undefined {
  const { account, region } = EVENT_BUS.exec(Arn)?.groups ?? {};
  return account && region ? { account, region, partition } : undefined;
}

/** What PutTargets asks of a target. None takes a changed input here, and other kinds do not exist. */
export function checkTarget(target: Target, context: TargetContext): void {
  const bus = busPlace(target, context.place);
  if (!bus && !LOG_GROUP.test(target.Arn)) {
    throw invalid(`localaws delivers to log groups and event buses only, not to ${target.Arn}.`);
  }
  const unknown = ['Input', 'InputPath', 'InputTransformer', ...(bus ? [] : ['RoleArn'])];
  const refused = unknown.filter((name) => name in target);
  if (refused.length > 0) throw invalid(`${refused.join(', ')} is not supported for target ${target.Arn}.`);
  if (bus) checkBus(target, bus, context);
}

/** A role is needed between regions, and EventBridge tries at once whether it can assume it. */
function checkBus({ Arn, RoleArn }: Target, bus: Place, context: TargetContext): void {
  const { place } = context;
  if (bus.account !== place.account || bus.region === place.region) {
    throw invalid(`localaws forwards to another region of the same account only, not to ${Arn}.`);
  }
  if (RoleArn === undefined) throw invalid(`RoleArn is required for target ${Arn}.`);
  if (!assumedRole(RoleArn, context)) {
    throw invalid(`Provided role '${RoleArn}' cannot be assumed by principal '${EVENTBRIDGE}'.`);
  }
}

/** Whether the target's role lets events onto the target's bus, as the role is at this moment. */
export function mayForward({ Arn, RoleArn = '' }: Target, context: TargetContext): boolean {
  const policies = Object.values(assumedRole(RoleArn, context)?.policies ?? {});
  return isAllowed(
    policies.map((policy) => parsePolicy(policy)),
    { action: 'events:PutEvents', resource: Arn },
  );
}

function assumedRole(roleArn: string, { place, ruleArn, principals }: TargetContext): Role | undefined {
  const { account } = place;
  const role = principals.role(account, roleArn.split('/').at(-1) ?? '');
  if (role?.arn !== roleArn) return undefined;
  const isTrusted = isAllowed([parsePolicy(role.trust)], {
    action: 'sts:AssumeRole',
    principal: { service: EVENTBRIDGE },
    context: { 'aws:SourceArn': ruleArn, 'aws:SourceAccount': account },
  });
  return isTrusted ? role : undefined;
}
