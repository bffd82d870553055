import type { OriginFacts, SourceFacts } from '../model/source-facts.ts';

/** Times in epoch ms. */
interface HeartbeatInput {
  readonly facts: SourceFacts;
  /** When the source was first seen. */
  readonly firstSeenAt: number;
  readonly now: number;
}

interface HeartbeatLimits {
  /** Without a heartbeat for so long a region is silent. */
  readonly silentAfterMs: number;
  /** So long a new region may wait for its first one. */
  readonly pendingMs: number;
}

interface Missing {
  readonly state: 'silent' | 'pending';
  /** One sentence for a person. */
  readonly reason: string;
  readonly since: number;
}

type Region = OriginFacts & { readonly region: string };

/** So many regions are named, the others counted. */
const NAMED = 5;

/** Each region whose heartbeats are expected in a log group must send its own; undefined: all do. */
export function missingHeartbeats(input: HeartbeatInput, limits: HeartbeatLimits): Missing | undefined {
  const { facts, firstSeenAt, now } = input;
  const { lastReadAt = 0 } = facts;
  const regions = facts.origins ? originsOf(facts.origins) : [ownRegion(facts, firstSeenAt)];
  const isYoung = ({ since }: Region): boolean => now - since < limits.pendingMs;
  const silent = regions.filter((region) => {
    const { lastHeartbeatAt: last } = region;
    return last === undefined ? !isYoung(region) : lastReadAt - last > limits.silentAfterMs;
  });
  const waiting = regions.filter(({ lastHeartbeatAt }) => lastHeartbeatAt === undefined);
  if (silent.length > 0) return missing('silent', silent, input);
  return waiting.length > 0 ? missing('pending', waiting, input) : undefined;
}

/** Of the region that is silent for the longest time; undefined: not one was ever seen from some region. */
export function oldestHeartbeatAt({ origins, lastHeartbeatAt }: SourceFacts): number | undefined {
  if (!origins) return lastHeartbeatAt;
  const times = originsOf(origins).map((region) => region.lastHeartbeatAt);
  return times.reduce((oldest, at) =>
    oldest === undefined || at === undefined ? undefined : Math.min(oldest, at),
  );
}

/** The last of each region that a hub hears; undefined: there are no others. */
export function heartbeatsByRegion({ origins }: SourceFacts): Record<string, number | undefined> | undefined {
  if (!origins) return undefined;
  return Object.fromEntries(
    originsOf(origins).map(({ region, lastHeartbeatAt }) => [region, lastHeartbeatAt]),
  );
}

function originsOf(origins: NonNullable<SourceFacts['origins']>): readonly Region[] {
  return Object.entries(origins).map(([region, facts]) => ({ region, ...facts }));
}

function ownRegion({ lastHeartbeatAt }: SourceFacts, since: number): Region {
  return { region: '', since, ...(lastHeartbeatAt === undefined ? {} : { lastHeartbeatAt }) };
}

function missing(state: Missing['state'], regions: readonly Region[], { facts }: HeartbeatInput): Missing {
  const since = Math.min(...regions.map(({ since, lastHeartbeatAt }) => lastHeartbeatAt ?? since));
  const none = regions.every(({ lastHeartbeatAt }) => lastHeartbeatAt === undefined);
  return { state, since, reason: `${WORDS[state](none)}${placesText(regions, facts)}` };
}

const WORDS = {
  silent: (none: boolean) => (none ? 'no heartbeat ever arrived' : 'heartbeat missing'),
  pending: () => 'waiting for the first heartbeat',
} as const;

/** Which regions of how many, the longest silence first. */
function placesText(regions: readonly Region[], { origins }: SourceFacts): string {
  if (!origins) return '';
  const names = regions
    .toSorted((one, other) => (one.lastHeartbeatAt ?? 0) - (other.lastHeartbeatAt ?? 0))
    .map(({ region }) => region);
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  const total = Object.keys(origins).length;
  return ` from ${names.slice(0, NAMED).join(', ')}${more} (${regions.length} of ${total} regions)`;
}
