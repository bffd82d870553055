import { type ErrorCode, splitCode } from '../model/error.ts';
import { type DestinationFacts, LASTING_CAUSES, type SourceFacts } from '../model/source-facts.ts';
import { brokenFindingsRules } from './canaries.ts';
import { missingHeartbeats } from './heartbeats.ts';
import { type RetentionRisk, retentionRisks, riskText } from './retention.ts';

/** Worst first: the order in which `status` shows them. */
export const SOURCE_STATES = [
  'failing',
  'blocked',
  'silent',
  'lagging',
  'unproven',
  'pending',
  'quiet',
  'ok',
  'off',
] as const;
export type SourceState = (typeof SOURCE_STATES)[number];

/** The verdict on one source. `since` in epoch ms, where it is known. */
export interface SourceHealth {
  readonly state: SourceState;
  readonly code?: ErrorCode;
  /** One sentence for a person. */
  readonly reason: string;
  readonly since?: number;
  readonly destination?: string;
  /** Of a source that is muted: what it would be. */
  readonly underlying?: SourceState;
}

/** Why nobody is told of a source. */
export type Off =
  /** Nothing is read there. */
  | { readonly kind: 'region'; readonly reason: string }
  /** Until this time, epoch ms; all else goes on. `reason`: by whom or what, and why. */
  | { readonly kind: 'muted'; readonly until: number; readonly reason: string };

/** Thresholds, from the customer's configuration. */
export interface HealthOptions {
  readonly heartbeat: 'rule' | 'off';
  readonly heartbeatMinutes: number;
  readonly silentAfterMissed: number;
  readonly graceMinutes: number;
  readonly pendingMinutes: number;
  readonly readErrorMinutes: number;
  readonly lagSeconds: number;
  readonly unackedMinutes: number;
  readonly quietAfterHours: number;
  /** Of all sources of a customer; absent: no finding is expected. */
  readonly expectFindingWithinMs?: number;
}

/** What is judged. Times in epoch ms. */
export interface HealthInput {
  readonly facts: SourceFacts;
  /** When the source was first seen. */
  readonly firstSeenAt: number;
  readonly options: HealthOptions;
  readonly off?: Off | undefined;
  /** An agent that was away may not have looked yet. Absent: nobody is about to. */
  readonly agentStartedAt?: number | undefined;
  readonly now: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
// A late acknowledgement colours a source for so long; afterwards only what waits now counts.
const LAG_COUNTS_MS = 10 * MINUTE_MS;

const PROVEN: readonly SourceState[] = ['quiet', 'ok'];

type Rule = (input: HealthInput) => SourceHealth | undefined;

/** A source without evidence is never green: the first rule that hits decides. Pure. */
export function sourceHealth(input: HealthInput): SourceHealth {
  const { off, now } = input;
  if (off?.kind === 'region') return { state: 'off', reason: off.reason };
  const verdict = judged(input);
  return off && now < off.until ? muted(verdict, off) : verdict;
}

/** Hides nothing: what it would be stays readable beside it. */
function muted(verdict: SourceHealth, { until, reason }: Extract<Off, { kind: 'muted' }>): SourceHealth {
  const end = `${new Date(until).toISOString().slice(0, 16)}Z`;
  return {
    ...verdict,
    state: 'off',
    reason: `muted until ${end}, ${reason}${PROVEN.includes(verdict.state) ? '' : `; ${verdict.state}: ${verdict.reason}`}`,
    underlying: verdict.state,
  };
}

function judged(input: HealthInput): SourceHealth {
  const verdict = firstVerdict(input);
  const [risk] = retentionRisks(input.facts, input.now);
  return risk && verdict.code !== 'SRC-003' ? atRisk(verdict, risk, input.now) : verdict;
}

function firstVerdict(input: HealthInput): SourceHealth {
  for (const rule of RULES) {
    const verdict = rule(input);
    if (verdict) return verdict;
  }
  return quietOrOk(input);
}

/** Whatever else is wrong, or is not: what is about to expire is told first, with the cause behind it. */
function atRisk(verdict: SourceHealth, risk: RetentionRisk, now: number): SourceHealth {
  const least = risk.level === 'error' ? 'failing' : 'lagging';
  const isWorse = SOURCE_STATES.indexOf(verdict.state) < SOURCE_STATES.indexOf(least);
  const cause = [verdict.code, verdict.reason].filter((part) => part !== undefined).join(' ');
  return {
    state: isWorse ? verdict.state : least,
    code: 'SRC-005',
    reason: `${riskText(risk, now)}: ${cause}`,
    since: risk.oldestAt,
    destination: risk.destination,
  };
}

const RULES: readonly Rule[] = [
  recentGap,
  plumbingBroken,
  findingsRuleBroken,
  readError,
  notRead,
  destinationBlocked,
  notReadYet,
  heartbeatMissing,
  lagging,
  unproven,
];

/** Events may be gone for good: that is not forgotten because the next read succeeds. */
function recentGap({ facts, now }: HealthInput): SourceHealth | undefined {
  const { gap } = facts;
  if (!gap || now - gap.at >= DAY_MS) return undefined;
  const span = `${new Date(gap.from).toISOString()} to ${new Date(gap.to).toISOString()}`;
  const reason = `${gap.destination}: events from ${span} expired before they were delivered`;
  return { state: 'failing', code: 'SRC-003', reason, since: gap.at, destination: gap.destination };
}

/** Seen with own eyes: no proof that came through before weighs more. */
function plumbingBroken({ facts }: HealthInput): SourceHealth | undefined {
  const { troubles = [], since } = facts.plumbing ?? {};
  const [first, ...others] = troubles;
  if (!first) return undefined;
  const where = facts.origins ? `${first.region}: ` : '';
  const more = others.length > 0 ? `; and ${others.map(({ code }) => code).join(', ')}` : '';
  return {
    state: 'failing',
    code: first.code,
    reason: `${where}${first.text}${more}`,
    ...(since !== undefined && { since }),
  };
}

/** Heartbeats go past the findings rules, so that they arrive all the same. */
function findingsRuleBroken({ facts }: HealthInput): SourceHealth | undefined {
  const broken = brokenFindingsRules(facts);
  return broken && { state: 'failing', code: 'EB-001', ...broken };
}

/** The time after which a missing heartbeat is silence. */
function silentAfterMs(options: HealthOptions): number {
  return (options.heartbeatMinutes * options.silentAfterMissed + options.graceMinutes) * MINUTE_MS;
}

function readError({ facts, options, now }: HealthInput): SourceHealth | undefined {
  const { failure, lastReadAt } = facts;
  if (!failure || failure.cause === 'throttled') return undefined;
  // A source that was never read is failing at once.
  const lasting = lastReadAt === undefined && LASTING_CAUSES.includes(failure.cause);
  if (!lasting && now - failure.since < options.readErrorMinutes * MINUTE_MS) return undefined;
  return { state: 'failing', code: failure.code, reason: failure.text, since: failure.since };
}

function notRead(input: HealthInput): SourceHealth | undefined {
  const { facts, firstSeenAt, options, now, agentStartedAt = 0 } = input;
  const lastReadAt = facts.lastReadAt ?? firstSeenAt;
  if (now - Math.max(lastReadAt, agentStartedAt) < silentAfterMs(options) + 2 * facts.pollSeconds * 1_000)
    return undefined;
  const reason = facts.failure?.text ?? 'not read: is the agent running?';
  return { state: 'failing', code: facts.failure?.code ?? 'SRC-002', reason, since: lastReadAt };
}

function destinationBlocked({ facts, options, now }: HealthInput): SourceHealth | undefined {
  for (const [destination, each] of Object.entries(facts.destinations)) {
    const verdict = blockage(each, options, now);
    if (verdict) return { ...verdict, destination, reason: `${destination}: ${verdict.reason}` };
  }
  return undefined;
}

function blockage(each: DestinationFacts, options: HealthOptions, now: number): SourceHealth | undefined {
  const since = each.oldestWaitingAt;
  const seen = since === undefined ? {} : { since };
  if (each.blocked) return { state: 'blocked', ...told(each.blocked.detail), ...seen };
  const overdue = since !== undefined && now - since >= options.unackedMinutes * MINUTE_MS;
  return overdue && each.retrying ? { state: 'blocked', ...told(each.retrying), ...seen } : undefined;
}

/** A destination's own words, under its own code. */
function told(words: string): Pick<SourceHealth, 'code' | 'reason'> {
  const { code = 'DST-005', text } = splitCode(words);
  return { code, reason: text };
}

/** Never, or not since the agent came back after so long that what was read before says nothing of now. */
function notReadYet({ facts, now, agentStartedAt = 0 }: HealthInput): SourceHealth | undefined {
  const { lastReadAt } = facts;
  if (lastReadAt !== undefined && (lastReadAt >= agentStartedAt || !isStale(facts, now))) return undefined;
  return { state: 'pending', reason: facts.failure?.text ?? 'waiting for the first read' };
}

function heartbeatMissing(input: HealthInput): SourceHealth | undefined {
  const { options } = input;
  if (options.heartbeat === 'off') return undefined;
  const limits = {
    silentAfterMs: silentAfterMs(options),
    pendingMs: options.pendingMinutes * MINUTE_MS,
  };
  const missing = missingHeartbeats(input, limits);
  return missing?.state === 'silent' ? { ...missing, code: 'SRC-001' } : missing;
}

function lagging({ facts, options, now }: HealthInput): SourceHealth | undefined {
  const limitMs = Math.max(options.lagSeconds, 2 * facts.pollSeconds) * 1_000;
  const late = Object.entries(facts.destinations).find(
    ([, { lagMs = 0, lastAckAt = 0 }]) => lagMs > limitMs && now - lastAckAt < LAG_COUNTS_MS,
  );
  const held = Object.entries(facts.destinations).find(
    ([, { mode, retrying, waiting }]) => mode === 'behind' || (retrying && waiting > 0),
  );
  const slowest = held ?? late;
  if (slowest) {
    const [destination, { retrying, lagMs = 0 }] = slowest;
    const why = held ? 'it is behind' : `its last acknowledgement came ${Math.round(lagMs / 1_000)} s late`;
    if (retrying === undefined) return { state: 'lagging', reason: `${destination}: ${why}`, destination };
    const { code, reason } = told(retrying);
    return { state: 'lagging', reason: `${destination}: ${reason}`, destination, ...(code ? { code } : {}) };
  }
  if (!isStale(facts, now)) return undefined;
  const { lastReadAt, failure } = facts;
  const reason = failure?.text ?? 'not read for a while';
  return { state: 'lagging', reason, ...(lastReadAt !== undefined && { since: lastReadAt }) };
}

/** What was read is too old to speak for the source. */
function isStale({ lastReadAt, pollSeconds }: SourceFacts, now: number): boolean {
  return lastReadAt !== undefined && now - lastReadAt >= 10 * MINUTE_MS + 2 * pollSeconds * 1_000;
}

function unproven({ facts, firstSeenAt, options, now }: HealthInput): SourceHealth | undefined {
  if (options.heartbeat === 'rule') return undefined;
  if (now - Math.max(facts.lastEventAt ?? 0, facts.lastCanaryAt ?? 0) < DAY_MS) return undefined;
  const young = now - firstSeenAt < options.pendingMinutes * MINUTE_MS;
  if (young) return { state: 'pending', reason: 'waiting for the first event', since: firstSeenAt };
  return { state: 'unproven', reason: 'no heartbeat, and no event or canary within a day' };
}

function quietOrOk({ facts, options, now }: HealthInput): SourceHealth {
  const { lastEventAt } = facts;
  const recent = lastEventAt !== undefined && now - lastEventAt < options.quietAfterHours * 60 * MINUTE_MS;
  const proof = options.heartbeat === 'rule' ? 'heartbeat' : 'canary';
  const reason = recent ? 'findings flowing' : `path proven by ${proof}; no findings`;
  const state = recent ? 'ok' : 'quiet';
  const since = facts.ingestionRuleSince;
  if (since === undefined) return { state, reason };
  return { state, code: 'SRC-004', reason: `${reason}; too many events to remember each`, since };
}
