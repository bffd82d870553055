import { Cron } from 'croner';
import { z } from 'zod';

const MINUTE_MS = 60_000;
/** So many starts are looked at to see how often a window comes. */
const STARTS = 60;

const shape = z.strictObject({
  cron: z
    .string()
    .describe('When it begins: minute, hour, day of the month, month, day of the week, as for cron'),
  minutes: z.int().min(1).max(1_440).describe('How long it lasts'),
  timezone: z
    .string()
    .default('UTC')
    .describe('Whose clock cron means: a name of the IANA time zone database, such as Europe/Berlin'),
});

export type MaintenanceWindow = z.output<typeof shape>;

/** When the windows of a schedule begin. Throws where there is no such schedule or time zone. */
export function windowStarts({ cron, timezone }: Pick<MaintenanceWindow, 'cron' | 'timezone'>): Cron {
  return new Cron(cron, { timezone, mode: '5-part', paused: true });
}

/** Why people could not live with it; undefined: they can. */
function faultOf(window: MaintenanceWindow): string | undefined {
  try {
    const starts = windowStarts(window).nextRuns(STARTS, new Date(0));
    if (starts.length === 0) return 'never begins';
    const gaps = starts.slice(1).map((start, at) => start.getTime() - (starts[at]?.getTime() ?? 0));
    const isAlways = gaps.some((gapMs) => gapMs < 2 * window.minutes * MINUTE_MS);
    return isAlways ? 'must be over for at least as long as it lasts before it begins again' : undefined;
  } catch (error) {
    return `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** When nobody wants to be told of a customer, again and again. */
export const maintenance = z
  .array(
    shape.check(({ value, issues }) => {
      const fault = faultOf(value);
      if (fault !== undefined) issues.push({ code: 'custom', message: fault, input: value, path: ['cron'] });
    }),
  )
  .default([])
  .describe(
    'Windows in which the sources of the customer count as off, with their real state beside it, and nobody is told of them. Records go on being relayed',
  );
