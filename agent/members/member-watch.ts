import type { Clock } from '../model/clock.ts';
import type { Logger } from '../model/logger.ts';
import type { RenderableRec } from '../model/record.ts';
import { changeBetween } from './kept-members.ts';
import type { MemberLook } from './member-look.ts';
import type { MemberPlace, MemberStore, PastLook } from './member-store.ts';

/** A place, and how often it is looked at. */
export interface WatchedPlace extends MemberPlace {
  readonly everyMinutes: number;
}

/** Looks now and then at who is still a member, and soon when a change was heard of. */
export interface MemberWatch {
  /** Records on their way to a SIEM: a call that touches members makes the next look due. */
  heard(records: readonly RenderableRec[]): void;
  /** Until `stop`. */
  run(stop: AbortSignal): Promise<void>;
}

export interface MemberWatchParts {
  readonly store: MemberStore;
  /** As the agent knows them now. */
  places(): readonly WatchedPlace[];
  /** Paces itself. */
  look(place: MemberPlace, signal: AbortSignal): Promise<MemberLook>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const MINUTE_MS = 60_000;
const TICK_MS = 5_000;
/** Between two looks at one place, however many calls are heard. */
const SOONEST_MS = 30_000;
/** After a look that failed. */
const AGAIN_MS = 5 * MINUTE_MS;
/** A right that is missing is seldom given the same day. */
const BLIND_MS = 24 * 60 * MINUTE_MS;
const LOOKS_AT_ONCE = 8;
/** A place that is read no more may be read again tomorrow. */
const FORGOTTEN_MS = BLIND_MS + 60 * MINUTE_MS;

/** Calls of members and administrators after which somebody may be watched no more, or again. */
const MEMBER_CALLS: ReadonlySet<string> = new Set([
  ...['AcceptAdministratorInvitation', 'AcceptInvitation', 'CreateMembers', 'InviteMembers'],
  ...['DeclineInvitations', 'DeleteInvitations', 'DeleteMembers', 'DisassociateMembers'],
  ...['DisassociateFromAdministratorAccount', 'DisassociateFromMasterAccount', 'DeleteDetector'],
  ...['StartMonitoringMembers', 'StopMonitoringMembers', 'DisableOrganizationAdminAccount'],
]);

export function createMemberWatch({ store, places, look, clock, logger }: MemberWatchParts): MemberWatch {
  /** `customer/region` of places that changed, by when that was heard. */
  const heardAt = new Map<string, number>();
  const failedAt = new Map<string, number>();
  let isFailing = false;

  function dueAt(place: WatchedPlace): number {
    const known = store.lastLook(place);
    const failed = failedAt.get(keyOf(place));
    const usual = known ? usualAt(known, place) : 0;
    const heard = heardAt.get(regionOf(place));
    const wished = heard !== undefined && heard > (known?.at ?? 0) ? (known?.at ?? 0) + SOONEST_MS : usual;
    return failed === undefined ? wished : Math.max(wished, failed + AGAIN_MS);
  }

  async function lookAt(place: WatchedPlace, stop: AbortSignal): Promise<void> {
    const at = clock.now();
    const seen = await look(place, stop);
    if (stop.aborted) return;
    failedAt.delete(keyOf(place));
    if (seen.kind === 'members') {
      const change = changeBetween(store.kept(place), seen.members, at);
      return store.save(place, { at, isBlind: false }, change);
    }
    if (seen.kind === 'failed' && seen.failure.cause !== 'denied') return fail(place, seen.failure.text);
    // What was known of members stays: that GuardDuty is off there is told by the look at the detector.
    const isBlind = seen.kind === 'failed';
    if (isBlind && store.lastLook(place)?.isBlind !== true) {
      logger.info('members cannot be looked at; everything else goes on', { ...placeOf(place) });
    }
    store.save(place, { at, isBlind }, { put: [], drop: [] });
  }

  function fail(place: WatchedPlace, error: string): void {
    failedAt.set(keyOf(place), clock.now());
    logger.warn('a look at members failed', { ...placeOf(place), error });
  }

  async function lookAround(stop: AbortSignal): Promise<void> {
    const now = clock.now();
    const known = places();
    if (known.length > 0) store.forgetOthers(known, now - FORGOTTEN_MS);
    const due = known.filter((place) => place.everyMinutes > 0 && dueAt(place) <= now);
    for (let at = 0; at < due.length && !stop.aborted; at += LOOKS_AT_ONCE) {
      const some = due.slice(at, at + LOOKS_AT_ONCE);
      await Promise.all(
        some.map((place) => lookAt(place, stop).catch((error: unknown) => fail(place, String(error)))),
      );
    }
  }

  return {
    heard(records) {
      for (const record of records) {
        if (record.kind !== 'config-change' || !MEMBER_CALLS.has(record.change.eventName)) continue;
        const { customer } = record.origin.source;
        heardAt.set(regionOf({ customer, region: record.region }), clock.now());
      }
    },
    async run(stop) {
      while (!stop.aborted) {
        try {
          await lookAround(stop);
          isFailing = false;
        } catch (error) {
          // Relaying needs none of this, so that it may not end it.
          if (!isFailing) logger.error('what is known of members cannot be kept', { error: String(error) });
          isFailing = true;
        }
        await clock.sleep(TICK_MS, stop);
      }
    },
  };
}

function usualAt({ at, isBlind }: PastLook, { everyMinutes }: WatchedPlace): number {
  return at + (isBlind ? BLIND_MS : everyMinutes * MINUTE_MS);
}

function keyOf({ customer, administrator, region }: MemberPlace): string {
  return `${customer}/${administrator}/${region}`;
}

/** A member's own call comes from its account, not from the administrator's. */
function regionOf({ customer, region }: Pick<MemberPlace, 'customer' | 'region'>): string {
  return `${customer}/${region}`;
}

function placeOf({ customer, administrator: accountId, region }: MemberPlace) {
  return { customer, accountId, region };
}
