import type { Clock } from '../../model/clock.ts';
import { createFailedLogins, type FailedLogins } from './failed-logins.ts';
import { createSessions, type Sessions } from './sessions.ts';

/**
 * What is remembered of who came in and who did not. A change of the configuration leaves it alone: what a user may
 * do, and whether there is such a user, is asked anew with each request.
 */
export interface Logins {
  readonly sessions: Sessions;
  readonly failed: FailedLogins;
}

export function createLogins(clock: Clock): Logins {
  return { sessions: createSessions(clock), failed: createFailedLogins(clock) };
}
