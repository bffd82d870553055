import { perPlace } from '../per-place.ts';
import type { Place } from '../service.ts';
import type { World } from '../world.ts';
import type { AccountRetention } from './account-retention.ts';
import { createAccountRetention } from './account-retention.ts';
import type { LogGroup, LogGroups, LogStream } from './groups.ts';
import { createLogGroups } from './groups.ts';
import type { ResourcePolicies } from './resource-policies.ts';
import { createResourcePolicies } from './resource-policies.ts';
import { writeEvents } from './write.ts';

/** A log event to put into a group without asking. Times are epoch ms. */
export interface SeedEvent {
  readonly timestamp: number;
  readonly message: string;
  /** Default: now. */
  readonly ingestionTime?: number;
  /** When readers begin to see it; default: the ingestion time. */
  readonly readableAt?: number;
  /** Default: `seed`. Made if it does not exist. */
  readonly stream?: string;
}

/** CloudWatch Logs of all accounts and regions, from the inside. */
export interface Logs {
  groups(place: Place): LogGroups;
  policies(place: Place): ResourcePolicies;
  accountRetention(place: Place): AccountRetention;
  /** Takes events as they are: no limits of age, order or size. The group is made if it does not exist. */
  insert(place: Place, logGroup: string, events: readonly SeedEvent[]): void;
  /** Takes events as PutLogEvents does: ingested now, readable now or when the fault says. */
  ingest(place: Place, group: LogGroup, stream: LogStream, events: readonly IngestEvent[]): void;
}

type IngestEvent = Pick<SeedEvent, 'timestamp' | 'message'>;

/** Streams appear when EventBridge or a test first writes to them. */
export function streamOf(groups: LogGroups, group: LogGroup, name: string): LogStream {
  return group.streams.get(name) ?? groups.createStream(group, name);
}

/** No log groups to begin with. */
export function createLogs(world: World): Logs {
  const groups = perPlace((place) => createLogGroups(place, world));
  const policies = perPlace(() => createResourcePolicies(world));
  const accountRetention = perPlace(({ account }) => createAccountRetention(account, world.clock));

  return {
    groups,
    policies,
    accountRetention,
    insert(place, logGroup, events) {
      const group = groups(place).find(logGroup) ?? groups(place).create({ name: logGroup });
      const now = world.clock.now();
      const complete = events.map(({ stream = 'seed', ingestionTime = now, readableAt, ...event }) => ({
        ...event,
        ingestionTime,
        readableAt: readableAt ?? ingestionTime,
        stream: streamOf(groups(place), group, stream),
      }));
      writeEvents(group, complete);
    },
    ingest(place, group, stream, events) {
      const site = { ...place, service: 'logs', operation: 'PutLogEvents' };
      const ingestionTime = world.clock.now();
      const delayMs = world.faults.take(site, 'visibility-delay')?.ms ?? 0;
      const taken = { stream, ingestionTime, readableAt: ingestionTime + delayMs };
      writeEvents(
        group,
        events.map((event) => ({ ...event, ...taken })),
      );
    },
  };
}
