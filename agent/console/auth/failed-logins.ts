import { isIPv6 } from 'node:net';

import type { Clock } from '../../model/clock.ts';
import { keepNewest } from '../../model/keep-newest.ts';

/** How often somebody may be wrong. */
export interface FailedLogins {
  /** Seconds until this address may try again; 0: now. */
  waitSeconds(address: string): number;
  note(address: string): void;
}

const WINDOW_MS = 60_000;
const MAX_FAILURES = 10;
/** So many addresses are remembered; of more the oldest are forgotten. */
const MAX_ADDRESSES = 10_000;

/** Counts by address, because counting by user would let anybody lock that user out. */
export function createFailedLogins(clock: Clock): FailedLogins {
  const failures = new Map<string, { count: number; readonly since: number }>();

  function known(address: string) {
    const found = failures.get(networkOf(address));
    return found && clock.monotonic() - found.since < WINDOW_MS ? found : undefined;
  }

  return {
    waitSeconds(address) {
      const found = known(address);
      if (!found || found.count < MAX_FAILURES) return 0;
      return Math.ceil((found.since + WINDOW_MS - clock.monotonic()) / 1_000);
    },
    note(address) {
      const found = known(address);
      if (found) {
        found.count += 1;
        return;
      }
      failures.delete(networkOf(address));
      failures.set(networkOf(address), { count: 1, since: clock.monotonic() });
      keepNewest(failures, MAX_ADDRESSES);
    },
  };
}

/** Of IPv6 a household has 2^64 addresses. `::` stands for as many zeros as are missing (RFC 4291 2.2). */
function networkOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address;
  const [head = [], tail = []] = address.split('::').map((half) => half.split(':'));
  const zeros = Array<string>(8 - head.length - tail.length).fill('0');
  return [...head, ...zeros, ...tail].slice(0, 4).join(':');
}
