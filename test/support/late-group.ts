import type { LogPage } from '../../agent/aws/logs-answer.ts';
import type { FilterQuery, LogsReader } from '../../agent/aws/logs-reader.ts';
import type { Clock } from '../../agent/model/clock.ts';
import type { LogEvent } from '../../agent/model/log-event.ts';
import type { ReadCause } from '../../agent/model/source-facts.ts';

/** A log event, and when reads begin to show it, epoch ms. */
export interface LateEvent extends LogEvent {
  readonly readableAt: number;
}

/** A log group that is deleted, and later made anew without what was ingested before. Epoch ms. */
export interface Remaking {
  readonly deletedAt: number;
  readonly creationTime: number;
}

/** Asked before each answer. */
export interface Faults {
  /** Why the call fails, if it does. */
  failure(): ReadCause | undefined;
  /** Whether the token of the page that is asked for is refused. */
  isTokenExpired(): boolean;
  /** 0: an empty page, although there is more. */
  pageSize(): number;
  /** Whether the last events come with a token, so that the last page is empty. */
  endsWithEmptyPage(): boolean;
}

const NO_FAULTS: Faults = {
  failure: () => undefined,
  isTokenExpired: () => false,
  pageSize: () => 10_000,
  endsWithEmptyPage: () => false,
};

interface LateGroupOptions {
  readonly clock: Clock;
  readonly creationTime: number;
  readonly remaking?: Remaking | undefined;
  /** In the order in which pages give them. */
  readonly events: readonly LateEvent[];
  /** What each event is said to hold. */
  readonly eventBytes: number;
  readonly faults?: Partial<Faults>;
}

type Failed = ReturnType<typeof failed>;

/** A log group in memory, as FilterLogEvents shows it. */
export function createLateGroup(options: LateGroupOptions): LogsReader {
  const { clock, events, eventBytes } = options;
  const lives = livesOf(options);
  const faults = { ...NO_FAULTS, ...options.faults };

  function lifeNow(): GroupLife | undefined {
    return lives.find((life) => holds(life, clock.now()));
  }

  /** A token is a place among all events, so that later pages show what became readable meanwhile. */
  function page({ startTime, endTime = Number.POSITIVE_INFINITY, nextToken }: FilterQuery): LogPage | Failed {
    const life = lifeNow();
    if (!life) return failed('no-group');
    if (nextToken !== undefined && faults.isTokenExpired()) return failed('token');
    const now = clock.now();
    const isShown = ({ timestamp, ingestionTime, readableAt }: LateEvent): boolean =>
      timestamp >= startTime && timestamp <= endTime && readableAt <= now && holds(life, ingestionTime);
    const rest = events.slice(Number(nextToken ?? 0)).filter(isShown);
    const shown = rest.slice(0, faults.pageSize());
    const token = tokenAfter(rest, shown.length);
    return { kind: 'page', events: shown, bytes: shown.length * eventBytes, ...token };
  }

  function tokenAfter(rest: readonly LateEvent[], count: number): { nextToken?: string } {
    const next = rest[count];
    if (next) return { nextToken: String(events.indexOf(next)) };
    return count > 0 && faults.endsWithEmptyPage() ? { nextToken: String(events.length) } : {};
  }

  function describe() {
    const life = lifeNow();
    return life ? ({ kind: 'group', creationTime: life.creationTime } as const) : failed('no-group');
  }

  return {
    async filter(_, query) {
      const cause = faults.failure();
      return { ...(cause ? failed(cause) : page(query)), serviceTime: clock.now() };
    },
    async describeGroup() {
      const cause = faults.failure();
      return { ...(cause ? failed(cause) : describe()), serviceTime: clock.now() };
    },
  };
}

/** From its creation until it is deleted, which is excluded. */
interface GroupLife {
  readonly creationTime: number;
  readonly deletedAt: number;
}

function livesOf({ creationTime, remaking }: LateGroupOptions): readonly GroupLife[] {
  const deletedAt = Number.POSITIVE_INFINITY;
  if (!remaking) return [{ creationTime, deletedAt }];
  return [
    { creationTime, deletedAt: remaking.deletedAt },
    { creationTime: remaking.creationTime, deletedAt },
  ];
}

function holds({ creationTime, deletedAt }: GroupLife, time: number): boolean {
  return time >= creationTime && time < deletedAt;
}

function failed(cause: ReadCause) {
  return { kind: 'failed', failure: { cause, code: 'AWS-002', text: 'a fault of the test' } } as const;
}
