import type { DestinationFacts, SourceFacts } from '../../agent/model/source-facts.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** An awaited canary, and one that follows a lost one. */
const PATIENCE_MS = 5 * MINUTE_MS;
const CANARY_AGAIN_MS = 10 * MINUTE_MS;
const LOOK_AGAIN_MS = 5 * MINUTE_MS;
/** From an event to its standing in the log group. */
const INGESTION_MS = 3 * SECOND_MS;

/** What is true in the world, whether anybody has noticed or not. */
export interface Truth {
  /** The scheduled rule reaches the log group. */
  heartbeats: boolean;
  findingsRule: boolean;
  detector: boolean;
  reading: 'works' | 'denied' | 'throttled';
  agent: 'up' | 'down';
  siem: 'takes' | 'refuses' | 'hangs';
}

export const SOUND: Truth = {
  heartbeats: true,
  findingsRule: true,
  detector: true,
  reading: 'works',
  agent: 'up',
  siem: 'takes',
};

export interface Habits {
  readonly pollSeconds: number;
  readonly heartbeatMinutes: number;
  readonly canaryHours: number;
  readonly lookMinutes: number;
  /** The right to look at rules and detector is missing. */
  readonly isBlind: boolean;
}

/** What reads have brought by now: the evidence behind a verdict. Times in epoch ms. */
export interface Evidence {
  readAt?: number;
  heartbeatAt?: number;
  canaryAt?: number;
  findingAt?: number;
  /** The oldest finding that was read and that the SIEM does not have. */
  waitingSince?: number;
}

/** A source and its agent, simplified to what health hears of them. */
export class SourceHistory {
  readonly truth: Truth = { ...SOUND };
  readonly evidence: Evidence = {};
  readonly #habits: Habits;
  /** Event times of what stands in the log group and was not read yet. */
  #unread: { kind: 'heartbeat' | 'canary' | 'finding'; at: number }[] = [];
  #nextPollAt: number;
  #failure: SourceFacts['failure'];
  #canary: SourceFacts['canary'];
  #plumbing: SourceFacts['plumbing'];
  #ack: { at: number; lagMs: number } | undefined;

  constructor(startAt: number, habits: Habits) {
    this.#habits = habits;
    this.#nextPollAt = startAt;
  }

  /** The world at this moment; then the agent, if it is up and due. Times never go back. */
  tick(now: number): void {
    if (this.truth.heartbeats && now % (this.#habits.heartbeatMinutes * MINUTE_MS) === 0) {
      this.#unread.push({ kind: 'heartbeat', at: now });
    }
    if (this.truth.agent === 'down') this.#nextPollAt = now;
    else if (now >= this.#nextPollAt) this.#poll(now);
  }

  /** GuardDuty has something to say. */
  find(now: number): void {
    if (this.truth.detector && this.truth.findingsRule) this.#unread.push({ kind: 'finding', at: now });
  }

  facts(): SourceFacts {
    const { readAt, heartbeatAt, canaryAt, findingAt } = this.evidence;
    return {
      pollSeconds: this.#habits.pollSeconds,
      destinations: { siem: this.#destination() },
      ...(readAt !== undefined && { lastReadAt: readAt }),
      ...(heartbeatAt !== undefined && { lastHeartbeatAt: heartbeatAt }),
      ...(canaryAt !== undefined && { lastCanaryAt: canaryAt }),
      ...(findingAt !== undefined && { lastEventAt: findingAt }),
      ...(this.#failure && { failure: this.#failure }),
      ...(this.#canary && { canary: this.#canary }),
      ...(this.#plumbing && { plumbing: this.#plumbing }),
    };
  }

  #poll(now: number): void {
    const { reading } = this.truth;
    if (reading === 'works') this.#read(now);
    else this.#fail(now, reading);
    this.#deliver(now);
    if (this.evidence.readAt !== undefined) {
      this.#tendCanary(now, this.evidence.readAt);
      this.#tendPlumbing(now);
    }
    // After a failure an agent that saves calls comes back to the usual interval.
    const seconds = this.#failure ? Math.min(60, this.#habits.pollSeconds) : this.#habits.pollSeconds;
    this.#nextPollAt = now + seconds * SECOND_MS;
  }

  #read(now: number): void {
    const isThere = ({ at }: { at: number }): boolean => at + INGESTION_MS <= now;
    for (const { kind, at } of this.#unread.filter(isThere)) this.#meet(kind, at);
    this.#unread = this.#unread.filter((event) => !isThere(event));
    this.evidence.readAt = now;
    this.#failure = undefined;
  }

  #meet(kind: 'heartbeat' | 'canary' | 'finding', at: number): void {
    this.evidence[`${kind}At`] = at;
    if (kind === 'finding') this.evidence.waitingSince ??= at;
    if (kind === 'canary' && this.#canary) this.#canary = { sentAt: at, isAwaited: false, missed: 0 };
  }

  #fail(now: number, reading: 'denied' | 'throttled'): void {
    const { since = now } = this.#failure ?? {};
    this.#failure = { cause: reading, code: reading === 'denied' ? 'AUTH-006' : 'AWS-001', text: '', since };
  }

  #deliver(now: number): void {
    const { waitingSince } = this.evidence;
    if (waitingSince === undefined || this.truth.siem !== 'takes') return;
    this.#ack = { at: now, lagMs: now - waitingSince };
    delete this.evidence.waitingSince;
  }

  #destination(): DestinationFacts {
    const { waitingSince } = this.evidence;
    const isStuck = waitingSince !== undefined && this.truth.siem !== 'takes';
    return {
      ...{ grade: 'accepted', mode: 'joined', quarantined: 0, waiting: waitingSince === undefined ? 0 : 1 },
      ...(waitingSince !== undefined && { oldestWaitingAt: waitingSince }),
      ...(this.#ack && { lastAckAt: this.#ack.at, lagMs: this.#ack.lagMs }),
      ...(isStuck && this.truth.siem === 'refuses' && { blocked: { why: 'auth', detail: '401' } as const }),
      ...(isStuck && { retrying: 'no answer' }),
    };
  }

  #tendCanary(now: number, readAt: number): void {
    const patienceMs = PATIENCE_MS + this.#habits.pollSeconds * SECOND_MS;
    if (this.#canary?.isAwaited && readAt - this.#canary.sentAt >= patienceMs) {
      const { sentAt, missed, missedSince = sentAt } = this.#canary;
      this.#canary = { sentAt, isAwaited: false, missed: missed + 1, missedSince };
    }
    if (this.#isCanaryDue(now)) this.#putCanary(now);
  }

  #isCanaryDue(now: number): boolean {
    if (!this.#canary) return true;
    const { isAwaited, missed, sentAt } = this.#canary;
    const usual = missed > 1 ? HOUR_MS : this.#habits.canaryHours * HOUR_MS;
    return !isAwaited && now - sentAt >= (missed === 1 ? CANARY_AGAIN_MS : usual);
  }

  #putCanary(now: number): void {
    const { missed = 0, missedSince } = this.#canary ?? {};
    this.#canary = {
      sentAt: now,
      isAwaited: true,
      missed,
      ...(missedSince !== undefined && { missedSince }),
    };
    if (this.truth.findingsRule) this.#unread.push({ kind: 'canary', at: now });
  }

  #tendPlumbing(now: number): void {
    if (this.#habits.isBlind) return;
    const { lookedAt = Number.NEGATIVE_INFINITY, troubles: known = [], since = now } = this.#plumbing ?? {};
    const isSuspicious = known.length > 0 || (this.#canary?.missed ?? 0) > 0;
    if (now - lookedAt < (isSuspicious ? LOOK_AGAIN_MS : this.#habits.lookMinutes * MINUTE_MS)) return;
    const { detector, findingsRule } = this.truth;
    const trouble = (code: 'GD-001' | 'EB-001') => ({ code, region: 'eu-west-1', text: '' });
    const troubles = [...(detector ? [] : [trouble('GD-001')]), ...(findingsRule ? [] : [trouble('EB-001')])];
    this.#plumbing = { lookedAt: now, troubles, isBlind: false, ...(troubles.length > 0 && { since }) };
  }
}
