import { EXIT, GuardrelayError } from '../model/error.ts';

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SPAN = /^(?<count>\d+)(?<unit>[smhd])$/;
/** `Date.parse` alone takes almost anything for a date, `12` too. */
const DATE = /^\d{4}-\d{2}-\d{2}/;

/** Epoch ms of what an option says: a time, or a span that ends now. */
export function instantOf(option: string, text: string, now: number): number {
  const { count, unit } = SPAN.exec(text)?.groups ?? {};
  const at = unit === undefined ? timeOf(text) : now - Number(count) * (UNIT_MS[unit] ?? 0);
  if (Number.isFinite(at)) return at;
  throw new GuardrelayError('CLI-001', `--${option} ${text} is neither a span nor a time`, {
    exitCode: EXIT.usage,
    fix: 'Write a span such as 24h or 7d, or a time such as 2026-01-31T00:00:00Z.',
  });
}

/** Longer ones would end timers at once. */
const LONGEST_SPAN_MS = 24 * 86_400_000;

/** Milliseconds of a span such as `10m`; a number alone means seconds. */
export function spanOf(option: string, text: string): number {
  const { count, unit = 's' } = /^(?<count>\d+)(?<unit>[smhd])?$/.exec(text)?.groups ?? {};
  const ms = Number(count) * (UNIT_MS[unit] ?? 0);
  if (ms > 0 && ms <= LONGEST_SPAN_MS) return ms;
  throw new Error(`--${option} must be a span such as 90s, 10m or 2h, of at most 24 days`);
}

function timeOf(text: string): number {
  return DATE.test(text) ? Date.parse(text) : Number.NaN;
}
