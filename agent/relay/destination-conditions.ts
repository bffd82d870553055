import type { DestinationFacts } from '../model/source-facts.ts';
import type { Condition, Named } from '../notify/condition.ts';
import type { JudgedSource, Names, SeenSources } from './source-conditions.ts';

interface DestinationOptions {
  readonly names: Names;
  /** Epoch ms. */
  readonly now: number;
  /** How many records stand in quarantine. */
  inQuarantine(destination: string): number;
}

/** One destination, as one source sees it. */
interface Sight {
  readonly id: string;
  readonly source: JudgedSource;
  readonly facts: DestinationFacts;
}

type Common = Pick<Condition, 'subject' | 'customers' | 'destination'>;

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Certificates are renewed well before. */
const EXPIRES_SOON_MS = 14 * DAY_MS;

/** Once for each destination, however many sources wait for it. */
export function destinationConditions(
  sources: readonly JudgedSource[],
  options: DestinationOptions,
): SeenSources {
  const sights = sources.flatMap((source) =>
    Object.entries(source.facts.destinations).map(([id, facts]): Sight => ({ id, source, facts })),
  );
  const byDestination = [...Map.groupBy(sights, ({ id }) => id)];
  const unknown = byDestination.filter(
    ([, each]) => !each.some(isBlocked) && each.some((one) => isOverdue(one, options)),
  );
  return {
    unknown: new Set(unknown.map(([id]) => subjectOf(id))),
    conditions: byDestination.flatMap(([id, each]) => {
      const customers = new Set(each.map(({ source }) => source.customer));
      const common = {
        ...{ subject: subjectOf(id), destination: id },
        customers: [...customers].map((customer): Named => options.names.customer(customer)),
      };
      return [
        ...blocked(each, common),
        ...quarantined(options.inQuarantine(id), common),
        ...expiring(each, common, options.now),
      ];
    }),
  };
}

function subjectOf(destination: string): string {
  return `destination/${destination}`;
}

function isBlocked({ id, source: { health } }: Sight): boolean {
  return health.state === 'blocked' && health.destination === id;
}

/** Something waits for it too long though it has not said no: an agent that has just started cannot tell why. */
function isOverdue({ facts, source }: Sight, { now }: DestinationOptions): boolean {
  const { oldestWaitingAt: since } = facts;
  return since !== undefined && now - since >= source.options.unackedMinutes * MINUTE_MS;
}

/** In the words of the source that waits for the longest time. */
function blocked(sights: readonly Sight[], common: Common): readonly Condition[] {
  const waiting = sights.filter(isBlocked).map(({ source: { health } }) => health);
  const [oldest] = waiting.toSorted((one, other) => (one.since ?? Infinity) - (other.since ?? Infinity));
  if (!oldest) return [];
  const { reason, code = 'DST-005', since } = oldest;
  const acks = sights.flatMap(({ facts }) => facts.lastAckAt ?? []);
  return [
    {
      ...common,
      ...{ type: 'destination.blocked', code, cause: `${common.subject}/destination.blocked` },
      reason: reason.replace(`${common.destination}: `, ''),
      ...(since !== undefined && { since }),
      ...(acks.length > 0 && { lastGoodAt: Math.max(...acks) }),
    },
  ];
}

function quarantined(records: number, common: Common): readonly Condition[] {
  if (records === 0) return [];
  const reason = records === 1 ? '1 record' : `${records} records`;
  const cause = `${common.subject}/destination.quarantined`;
  return [{ ...common, type: 'destination.quarantined', code: 'DST-006', cause, reason }];
}

function expiring(sights: readonly Sight[], common: Common, now: number): readonly Condition[] {
  const ends = sights.flatMap(({ facts }) => facts.certificateExpiresAt ?? []);
  const end = Math.max(...ends);
  if (ends.length === 0 || end - now >= EXPIRES_SOON_MS) return [];
  const reason = `${end > now ? 'it ends' : 'it has ended'} at ${new Date(end).toISOString().slice(0, 16)}Z`;
  const cause = `${common.subject}/destination.certificate-expiring`;
  return [{ ...common, type: 'destination.certificate-expiring', code: 'DST-003', cause, reason }];
}
