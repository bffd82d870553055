import { daysLeft } from '../../health/certificates.ts';

const UNITS = [
  { name: 'd', ms: 86_400_000 },
  { name: 'h', ms: 3_600_000 },
  { name: 'm', ms: 60_000 },
  { name: 's', ms: 1000 },
] as const;

/** A span in its largest whole unit: 12s, 2m, 5h, 3d. */
export function spanText(ms: number): string {
  const unit = UNITS.find((one) => ms >= one.ms);
  return unit === undefined ? '0s' : `${Math.floor(ms / unit.ms)}${unit.name}`;
}

/** Days that a certificate still has. */
export function daysText(expiresAt: number | undefined, now: number): string {
  if (expiresAt === undefined) return '-';
  const days = daysLeft(expiresAt, now);
  return days < 0 ? 'ended' : `${days}d`;
}

/** How long ago, in its largest whole unit; what never happened is `never`. */
export function ageText(at: number | undefined, now: number): string {
  return at === undefined ? 'never' : spanText(now - at);
}
