import type { Clock } from '../../model/clock.ts';
import { AwsError } from '../service.ts';

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Milliseconds of `rate(5 minutes)`: singular for 1, plural for more. */
export function parseSchedule(expression: string): number {
  const { count, unit, plural } =
    /^rate\((?<count>[1-9]\d*) (?<unit>minute|hour|day)(?<plural>s?)\)$/.exec(expression)?.groups ?? {};
  const unitMs = UNIT_MS[unit ?? ''];
  if (unitMs === undefined || (count === '1') === (plural === 's')) {
    const cron = expression.startsWith('cron(') ? ' localaws knows rate(...) only.' : '';
    throw new AwsError('ValidationException', `Parameter ScheduleExpression is not valid.${cron}`);
  }
  return Number(count) * unitMs;
}

/** Things that come again and again. One sleeper on the clock serves them all. */
export interface Scheduler {
  /** Runs after each interval until the answered function is called. */
  every(intervalMs: number, run: () => void): () => void;
  close(): void;
}

interface Entry {
  readonly intervalMs: number;
  readonly run: () => void;
  dueAt: number;
}

/** A scheduler on this clock. */
export function createScheduler(clock: Clock): Scheduler {
  const entries = new Set<Entry>();
  let alarm = new AbortController();
  let asleep = false;

  function nextDue(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { dueAt } of entries) earliest = Math.min(earliest, dueAt);
    return earliest;
  }

  /** What was missed while the machine slept is not made up for. */
  function runDue(): void {
    const now = clock.monotonic();
    for (const entry of [...entries]) {
      if (entry.dueAt > now) continue;
      entry.dueAt += entry.intervalMs * (1 + Math.floor((now - entry.dueAt) / entry.intervalMs));
      entry.run();
    }
  }

  async function watch(): Promise<void> {
    asleep = true;
    while (entries.size > 0) {
      alarm = new AbortController();
      await clock.sleep(Math.max(0, nextDue() - clock.monotonic()), alarm.signal);
      runDue();
    }
    asleep = false;
  }

  return {
    every(intervalMs, run) {
      const entry = { intervalMs, run, dueAt: clock.monotonic() + intervalMs };
      entries.add(entry);
      if (asleep) alarm.abort();
      else void watch();
      return () => {
        entries.delete(entry);
        if (entries.size === 0) alarm.abort();
      };
    },
    close() {
      entries.clear();
      alarm.abort();
    },
  };
}
