import type { ObservedSource } from '../../agent/health/overview.ts';
import type { HealthOptions } from '../../agent/health/states.ts';
import type { DestinationFacts, SourceFacts } from '../../agent/model/source-facts.ts';

const MINUTE_MS = 60_000;

export const NOW = Date.UTC(2026, 10, 21, 12);

/** As a configuration that says nothing about health has them. */
export const HEALTH: HealthOptions = {
  heartbeat: 'rule',
  heartbeatMinutes: 5,
  silentAfterMissed: 3,
  graceMinutes: 2,
  pendingMinutes: 20,
  readErrorMinutes: 5,
  lagSeconds: 120,
  unackedMinutes: 5,
  quietAfterHours: 24,
};

/** A source that is read and sends heartbeats. */
export const PROVEN: SourceFacts = {
  pollSeconds: 60,
  lastReadAt: NOW - MINUTE_MS,
  lastHeartbeatAt: NOW - 3 * MINUTE_MS,
  destinations: {},
};

export const TAKING: DestinationFacts = { grade: 'accepted', mode: 'joined', waiting: 0, quarantined: 0 };

/** A source of `acme` that was first seen long ago. */
export function observed(region: string, facts: SourceFacts = PROVEN): ObservedSource {
  return {
    ...{ source: region, customer: 'acme', account: '111111111111', region, logGroup: '/g' },
    ...{ facts, firstSeenAt: 0, options: HEALTH },
  };
}
