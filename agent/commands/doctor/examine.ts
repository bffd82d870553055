import type { AwsClients } from '../../aws/clients.ts';
import type { CredentialScope } from '../../aws/credential-scope.ts';
import { createQuota, type Quota } from '../../aws/quota.ts';
import type { Partition } from '../../aws/regions.ts';
import type { ResolvedCustomer } from '../../config/config.ts';
import type { Tags } from '../../deploy/blueprint.ts';
import { createAccountCalls } from '../../deploy/checks/account-calls.ts';
import { ACCOUNT_CHECKS, READ_CHECK } from '../../deploy/checks/auth.ts';
import { type CallerCalls, createCallerCalls, ownScope } from '../../deploy/checks/caller-calls.ts';
import { type Check, faultOf, runChecks } from '../../deploy/checks/check.ts';
import type { DeployedPlace } from '../../deploy/checks/checked-place.ts';
import { DELIVERY_CHECKS } from '../../deploy/checks/delivery.ts';
import { DETECTOR_CHECKS } from '../../deploy/checks/detector.ts';
import { RULE_CHECKS } from '../../deploy/checks/event-rules.ts';
import { expectedAt } from '../../deploy/checks/expected.ts';
import { LOG_CHECKS } from '../../deploy/checks/log-group.ts';
import { MEMBER_CHECKS } from '../../deploy/checks/members.ts';
import { MEMBERSHIP_CHECKS } from '../../deploy/checks/membership.ts';
import { onceEach } from '../../deploy/checks/once.ts';
import { loadRulePatterns, type RulePatterns } from '../../deploy/checks/patterns.ts';
import { createPlaceCalls } from '../../deploy/checks/place-calls.ts';
import { type CheckedRegions, NEW_REGION_CHECK, UNNAMED_REGIONS_CHECK } from '../../deploy/checks/regions.ts';
import { SIGNER_CHECKS } from '../../deploy/checks/signer.ts';
import { STACK_CHECKS } from '../../deploy/checks/stacks.ts';
import { TRAIL_CHECKS } from '../../deploy/checks/trail.ts';
import { collectorBlueprint } from '../../deploy/customer-request.ts';
import type { LeftOut } from '../../discover/account-regions.ts';
import { mapBounded } from '../../discover/bounded.ts';
import { scopeOf } from '../../discover/customer.ts';
import { discoverSources, type FoundSource } from '../../discover/sources.ts';
import type { Clock } from '../../model/clock.ts';
import type { ErrorCode } from '../../model/error.ts';
import type { LogEvent } from '../../model/log-event.ts';
import type { Source } from '../../model/source.ts';
import { normalize } from '../../normalize/normalize.ts';
import { discoverCustomer } from '../../relay/discover-customer.ts';
import type { Agenda } from './agenda.ts';
import type { Tally } from './progress.ts';
import type { CheckRow, Examination, Subject } from './rows.ts';

const PLACE_CHECKS: readonly Check<DeployedPlace>[] = [
  READ_CHECK,
  NEW_REGION_CHECK,
  ...DETECTOR_CHECKS,
  ...MEMBERSHIP_CHECKS,
  ...MEMBER_CHECKS,
  ...TRAIL_CHECKS,
  ...RULE_CHECKS,
  ...DELIVERY_CHECKS,
  ...LOG_CHECKS,
  ...STACK_CHECKS,
];
const WHOLE_ACCOUNT_CHECKS: readonly Check<CheckedRegions>[] = [
  ...ACCOUNT_CHECKS,
  ...SIGNER_CHECKS,
  UNNAMED_REGIONS_CHECK,
];

/** Every check of AWS, in the order of the report. */
export const CHECK_CODES: readonly ErrorCode[] = [
  ...new Set([...WHOLE_ACCOUNT_CHECKS, ...PLACE_CHECKS].map(({ code }) => code)),
];

export interface ExamineOptions {
  readonly clients: AwsClients;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Codes of the checks to run. */
  readonly only: readonly ErrorCode[];
  /** Which of them where. */
  readonly agenda: Agenda;
  readonly tally: Tally;
  /** Whether to look at this region. */
  isChosen(region: string): boolean;
}

const ACCOUNTS_AT_ONCE = 8;
/** Log groups of one account; each takes about a dozen calls. */
const PLACES_AT_ONCE = 8;

/** An account of a customer, while it is looked at. */
interface Visit extends ExamineOptions {
  readonly customer: ResolvedCustomer;
  readonly scope: CredentialScope;
  readonly quota: Quota;
  /** The agent itself. */
  ownIn(partition: Partition): CallerCalls;
  /** The tags of a stack of this release and configuration. */
  readonly release: Tags;
}

/** Runs the checks of these customers: who reads each account, then each of its log groups. */
export async function examine(
  customers: readonly ResolvedCustomer[],
  options: ExamineOptions,
): Promise<Examination> {
  const quota = createQuota(options.clock);
  const ownIn = onceEach((partition: Partition) =>
    createCallerCalls({ ...options, scope: ownScope(partition) }),
  );
  const visits: Visit[] = [];
  for (const customer of customers) {
    const { tags: release } = await collectorBlueprint(customer);
    const scopes = customer.accounts.collect.map((account) => scopeOf(discoverCustomer(customer), account));
    visits.push(...scopes.map((scope) => ({ ...options, customer, quota, ownIn, release, scope })));
  }
  const due = visits.filter(({ scope, agenda }) => agenda.concerns(accountOf(scope)));
  options.tally.expect(due.length);
  const found = await mapBounded(due, ACCOUNTS_AT_ONCE, async (visit) => {
    const examined = await examineAccount(visit).catch((error: unknown) => faultyVisit(visit, error));
    visit.tally.done();
    return examined;
  });
  return { rows: found.flatMap(({ rows }) => rows), leftOut: found.flatMap(({ leftOut }) => leftOut) };
}

/** A fault in one account says nothing of the others. */
function faultyVisit({ scope, signal }: Visit, error: unknown): Examination {
  signal.throwIfAborted();
  return { rows: [{ ...accountOf(scope), check: READ_CHECK.code, result: faultOf(error) }], leftOut: [] };
}

async function examineAccount(visit: Visit): Promise<Examination> {
  const { scope } = visit;
  const where = accountOf(scope);
  const calls = createAccountCalls({ ...visit, own: visit.ownIn(scope.partition) });
  const checked = await runChecks(wanted(WHOLE_ACCOUNT_CHECKS, where, visit), {
    scope,
    calls,
    now: visit.clock.now,
    regions: visit.customer.regions,
  });
  const rows = checked.map((each) => ({ ...where, ...each }));
  const checks = wanted(PLACE_CHECKS, where, visit);
  if (checks.length === 0) return { rows, leftOut: [] };
  const reader = await calls.reader.caller();
  if (reader.kind === 'failed') return { rows: [...rows, ...locked(checks, rows, where)], leftOut: [] };
  const places = await examinePlaces(visit);
  return { ...places, rows: [...rows, ...places.rows] };
}

function accountOf({ customer, account }: CredentialScope) {
  return { customer, account };
}

function wanted<S>(
  checks: readonly Check<S>[],
  where: Subject,
  { only, agenda }: Visit,
): readonly Check<S>[] {
  return checks.filter(({ code }) => only.includes(code) && agenda.wants(code, where));
}

/** Nobody lets us in: one cause, and not one failure for each region. */
function locked(
  checks: readonly Check<DeployedPlace>[],
  known: readonly CheckRow[],
  where: Subject,
): readonly CheckRow[] {
  const why = 'the account lets nobody in with these credentials';
  const asked = checks.filter(({ code }) => !known.some(({ check }) => check === code));
  return asked.map(({ code }) => ({ ...where, check: code, result: { kind: 'skipped', why } }));
}

async function examinePlaces(visit: Visit): Promise<Examination> {
  const { customer, scope, signal, agenda, tally } = visit;
  const account = { ...discoverCustomer(customer), accounts: [scope.account] };
  const { sources, leftOut } = await discoverSources([account], visit, signal);
  const patterns = await loadRulePatterns(customer.collect);
  const isDue = (place: Subject & { readonly region: string }): boolean =>
    visit.isChosen(place.region) && agenda.concerns(place);
  const due = sources.flatMap(watchedPlaces).filter(({ source }) => isDue(source));
  tally.expect(due.length);
  const rows = await mapBounded(due, PLACES_AT_ONCE, async (watched) => {
    const place = placeOf(watched, patterns, visit);
    const { region, logGroup } = watched.source;
    const where = { ...accountOf(scope), region, logGroup };
    const checked = await runChecks(wanted(PLACE_CHECKS, where, visit), place);
    tally.done();
    return checked.map((each) => ({ ...where, ...each }));
  });
  const missed = leftOut.filter(
    (each) => each.region === undefined || isDue({ ...each, region: each.region }),
  );
  return { rows: [...rows.flat(), ...unlisted(missed, visit)], leftOut: missed };
}

/** Where the log groups could not even be listed, there is nothing to check, and nothing is well. */
function unlisted(leftOut: readonly LeftOut[], { only }: Visit): readonly CheckRow[] {
  const check = READ_CHECK.code;
  if (!only.includes(check)) return [];
  return leftOut.flatMap(({ customer, account, region, code, reason: found, isGuess }): CheckRow[] => {
    if (region === undefined || !isGuess) return [];
    const fix = `Do what docs/errors/${code}.md says of such an answer.`;
    return [{ customer, account, region, check, result: { kind: 'failed', code, found, fix } }];
  });
}

interface WatchedPlace {
  readonly source: Source;
  /** Whose log group takes its events. */
  readonly logs: Source;
}

/** A region with its log group; or a hub, and every region that forwards to it. */
function watchedPlaces({ origins, ...logs }: FoundSource): readonly WatchedPlace[] {
  const regions = new Set([logs.region, ...(origins?.regions ?? [])]);
  return [...regions].map((region) => ({ source: { ...logs, region }, logs }));
}

function placeOf({ source, logs }: WatchedPlace, patterns: RulePatterns, visit: Visit): DeployedPlace {
  const { customer, quota, release } = visit;
  const pace = quota.paceOf(logs, customer.poll.quotaShare);
  const heartbeatRule = `${customer.stack.prefix}-heartbeat`;
  const isHeartbeat = (event: LogEvent): boolean =>
    normalize(event, logs, { heartbeatRule }).some(
      ({ kind, region }) => kind === 'heartbeat' && region === source.region,
    );
  return {
    expected: expectedAt(source, customer, patterns),
    release,
    takesEveryRegion: typeof customer.regions === 'string',
    calls: createPlaceCalls({ ...visit, source, logs, pace, isHeartbeat }),
  };
}
