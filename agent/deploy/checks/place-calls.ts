import type { AwsClients } from '../../aws/clients.ts';
import type { CredentialScope } from '../../aws/credential-scope.ts';
import type { FailedCall } from '../../aws/failure.ts';
import type { ReadPace } from '../../aws/quota.ts';
import type { Clock } from '../../model/clock.ts';
import type { LogEvent } from '../../model/log-event.ts';
import type { Source } from '../../model/source.ts';
import {
  type Administrator,
  askAdministrator,
  askOrganization,
  type Detector,
  describeDetector,
  listMembers,
  type Members,
  type OrganizationSettings,
} from './detector-calls.ts';
import {
  describeGroup,
  describePolicies,
  type GroupAnswer,
  type LivePolicies,
  type RecentEvents,
  readRecent,
} from './log-calls.ts';
import { countFailures, type FailedDeliveries } from './metric-calls.ts';
import { once, onceEach } from './once.ts';
import { describeQueue, type LiveQueue } from './queue-calls.ts';
import { type AccountRetention, describeAccountRetention } from './retention-calls.ts';
import { describeRule, type LiveRule, type LiveTargets, listTargets, type Missing } from './rule-calls.ts';
import type { UnansweredCall } from './service-call.ts';
import { askRuleTags, describeStack, type LiveStack, type RuleTags } from './stack-calls.ts';
import {
  askSelectors,
  askTrailStatus,
  describeTrails,
  type Trail,
  type TrailSelectors,
  type TrailStatus,
  type Trails,
} from './trail-calls.ts';

/** What AWS says of one log group and its rules. Asked once each, however many checks want to know. */
export interface PlaceCalls {
  /** Epoch ms. */
  now(): number;
  group(): Promise<GroupAnswer>;
  recent(): Promise<RecentEvents | FailedCall>;
  policies(): Promise<LivePolicies | FailedCall>;
  /** How long the account lets log groups keep their events. */
  accountRetention(): Promise<AccountRetention | UnansweredCall>;
  rule(name: string): Promise<LiveRule | Missing | FailedCall>;
  targets(rule: string): Promise<LiveTargets | Missing | FailedCall>;
  ruleTags(ruleArn: string): Promise<RuleTags | Missing | UnansweredCall>;
  stack(stackId: string): Promise<LiveStack | Missing | UnansweredCall>;
  queue(name: string): Promise<LiveQueue | Missing | UnansweredCall>;
  /** Of a rule, lately. */
  failures(rule: string): Promise<FailedDeliveries | UnansweredCall>;
  detector(): Promise<Detector | Missing | UnansweredCall>;
  administrator(detector: string): Promise<Administrator | Missing | UnansweredCall>;
  members(detector: string): Promise<Members | UnansweredCall>;
  /** Missing: the account does not administer GuardDuty for an organization. */
  organization(detector: string): Promise<OrganizationSettings | Missing | UnansweredCall>;
  trails(): Promise<Trails | UnansweredCall>;
  trailStatus(trail: Trail): Promise<TrailStatus | UnansweredCall>;
  trailSelectors(trail: Trail): Promise<TrailSelectors | UnansweredCall>;
}

export interface PlaceCallsOptions {
  readonly clients: AwsClients;
  readonly scope: CredentialScope;
  readonly source: Source;
  /** Whose log group takes its events: itself, or the hub. */
  readonly logs: Source;
  readonly pace: ReadPace;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  isHeartbeat(event: LogEvent): boolean;
}

export function createPlaceCalls(options: PlaceCallsOptions): PlaceCalls {
  const logging = { ...options, source: options.logs };
  const group = once(() => describeGroup(logging));

  return {
    now: options.clock.now,
    group,
    recent: once(async () => {
      const { serviceTime = options.clock.now() } = await group();
      return readRecent(serviceTime, logging);
    }),
    policies: once(() => describePolicies(logging)),
    accountRetention: once(() => describeAccountRetention(logging)),
    rule: onceEach((name) => describeRule(name, options)),
    targets: onceEach((name) => listTargets(name, options)),
    ruleTags: onceEach((ruleArn) => askRuleTags(ruleArn, options)),
    stack: onceEach((stackId) => describeStack(stackId, options)),
    queue: onceEach((name) => describeQueue(name, options)),
    failures: onceEach((rule) => countFailures(rule, options)),
    detector: once(() => describeDetector(options)),
    administrator: onceEach((detector) => askAdministrator(detector, options)),
    members: onceEach((detector) => listMembers(detector, options)),
    organization: onceEach((detector) => askOrganization(detector, options)),
    trails: once(() => describeTrails(options)),
    trailStatus: onceEach((trail) => askTrailStatus(trail, options)),
    trailSelectors: onceEach((trail) => askSelectors(trail, options)),
  };
}
