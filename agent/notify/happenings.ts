import { type RelayEvent, SEVERITIES, type Severity } from '../model/relay-event.ts';
import { elapsedMs } from './elapsed.ts';
import type { Happening } from './memory.ts';

/** What has happened, as one message, and the ids of what it tells. */
export interface DueHappening {
  readonly event: RelayEvent;
  readonly ids: readonly string[];
}

/** What is alike goes out as one, when the first of it has waited for others long enough. */
export function dueHappenings(
  waiting: readonly Happening[],
  at: number,
  groupMs: number,
): readonly DueHappening[] {
  const groups = Map.groupBy(waiting, ({ topic }) => topic);
  return [...groups.values()].flatMap((alike) => {
    const events = alike.map(({ event }) => event);
    const [first, ...others] = events;
    if (!first || elapsedMs(Date.parse(first.at), at) < groupMs) return [];
    return { event: asOne([first, ...others]), ids: events.map(({ id }) => id) };
  });
}

function asOne(events: readonly [RelayEvent, ...RelayEvent[]]): RelayEvent {
  const [first, ...others] = events;
  if (others.length === 0) return first;
  const accounts = new Map(events.flatMap((event) => event.accounts.map((each) => [each.id, each])));
  const regions = new Set(events.flatMap((event) => event.regions));
  return {
    ...first,
    severity: severest(events),
    title: `${first.title} (and ${others.length} more alike, in ${[...regions].toSorted().join(', ')})`,
    accounts: [...accounts.values()],
    regions: [...regions].toSorted(),
    details: { ...first.details, count: events.length },
  };
}

function severest(events: readonly RelayEvent[]): Severity {
  const ranks = events.map(({ severity }) => SEVERITIES.indexOf(severity));
  return SEVERITIES[Math.max(...ranks)] ?? 'critical';
}
