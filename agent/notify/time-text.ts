const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `42 s`, `17 min`, `3 h 5 min`, `2 d 4 h`. */
export function durationText(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)} s`;
  if (ms < 2 * HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms < 2 * DAY_MS) return `${Math.floor(ms / HOUR_MS)} h ${Math.floor((ms % HOUR_MS) / MINUTE_MS)} min`;
  return `${Math.floor(ms / DAY_MS)} d ${Math.floor((ms % DAY_MS) / HOUR_MS)} h`;
}

/** `20:53 UTC`, with its date where that is not the day of `now`. Both ISO 8601. */
export function timeText(at: string, now: string): string {
  const [day = '', time = ''] = isoOf(at).split('T');
  return isoOf(now).startsWith(day) ? clockText(time) : `${day} ${clockText(time)}`;
}

/** `2026-11-20 20:53 UTC`. */
export function momentText(at: string): string {
  const [day = '', time = ''] = isoOf(at).split('T');
  return `${day} ${clockText(time)}`;
}

function isoOf(at: string): string {
  const ms = Date.parse(at);
  return Number.isNaN(ms) ? at : new Date(ms).toISOString();
}

function clockText(time: string): string {
  return `${time.slice(0, 5)} UTC`;
}
