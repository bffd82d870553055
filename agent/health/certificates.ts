const DAY_MS = 86_400_000;

/** So few days before it ends, a certificate should be renewed: most are by then. */
const CERTIFICATE_WARNING_DAYS = 21;

/** Whole days until a certificate ends; below 0: it has. */
export function daysLeft(expiresAt: number, now: number): number {
  return Math.floor((expiresAt - now) / DAY_MS);
}

/** A certificate that ends soon, or has ended. */
export function isExpiring(expiresAt: number | undefined, now: number): expiresAt is number {
  return expiresAt !== undefined && daysLeft(expiresAt, now) < CERTIFICATE_WARNING_DAYS;
}
