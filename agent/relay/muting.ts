import type { ResolvedCustomer } from '../config/config.ts';
import { windowStarts } from '../config/maintenance.ts';
import type { ObservedSource } from '../health/overview.ts';
import type { HealthOptions, Off } from '../health/states.ts';
import type { Mute, MuteWish, RegionOff } from '../model/mute.ts';
import { sourceKey } from '../model/source.ts';
import { matchesRegion } from './routes.ts';

/** Where a source is. */
type Place = Pick<ObservedSource, 'customer' | 'account' | 'region'>;
type Muted = Extract<Off, { kind: 'muted' }>;

/** Tells which sources are muted now, by hand or by a window of their customer. */
export interface Muting {
  offOf(place: Place, now: number, mutes: readonly Mute[]): Muted | undefined;
}

const MINUTE_MS = 60_000;
/** A window is looked up once for all sources of a customer in this time. */
const LOOK_MS = 1_000;

export function createMuting(customers: readonly Pick<ResolvedCustomer, 'id' | 'maintenance'>[]): Muting {
  const windows = new Map(customers.map(({ id, maintenance }) => [id, maintenance.map(startsOf)]));
  const looks = new Map<string, { readonly at: number; readonly found: Muted | undefined }>();

  function windowOf(customer: string, now: number): Muted | undefined {
    const starts = windows.get(customer) ?? [];
    if (starts.length === 0) return undefined;
    const last = looks.get(customer);
    if (last && Math.abs(now - last.at) < LOOK_MS) return last.found;
    const found = latest(starts.map((endOf) => endOf(now)));
    looks.set(customer, { at: now, found });
    return found;
  }

  return {
    offOf(place, now, mutes) {
      const byHand = mutes.filter((mute) => now < mute.until && concerns(mute, place)).map(mutedBy);
      return latest([...byHand, windowOf(place.customer, now)]);
    },
  };
}

/** A region in which nothing is read, as a line of `status`. */
export function regionOffSource(region: RegionOff, options: HealthOptions, now: number): ObservedSource {
  const logGroup = '';
  return {
    ...{ ...region, logGroup, source: sourceKey({ ...region, logGroup }), firstSeenAt: now, options },
    facts: { pollSeconds: 0, destinations: {} },
    off: { kind: 'region', reason: 'region not enabled in the account' },
  };
}

/** Answers whether the schedule has a window at a time. */
function startsOf(window: ResolvedCustomer['maintenance'][number]): (now: number) => Muted | undefined {
  const starts = windowStarts(window);
  const lastsMs = window.minutes * MINUTE_MS;
  return (now) => {
    const start = starts.nextRun(new Date(now - lastsMs))?.getTime();
    if (start === undefined || start > now) return undefined;
    return { kind: 'muted', until: start + lastsMs, reason: 'maintenance window' };
  };
}

/** Whether a source is one of those that are muted. */
export function concerns({ customer, account, region }: MuteWish, place: Place): boolean {
  if (customer !== place.customer) return false;
  if (account !== undefined && account !== place.account) return false;
  return region === undefined || matchesRegion(region, place.region);
}

function mutedBy({ until, reason, by }: Mute): Muted {
  return { kind: 'muted', until, reason: `by ${by ?? 'hand'}: ${reason}` };
}

function latest(found: readonly (Muted | undefined)[]): Muted | undefined {
  return found.reduce((last, each) => (each && each.until > (last?.until ?? 0) ? each : last), undefined);
}
