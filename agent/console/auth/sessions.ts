import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

import type { Clock } from '../../model/clock.ts';
import { keepNewest } from '../../model/keep-newest.ts';
import type { User } from './users.ts';

/** A browser that has logged in. */
interface Session {
  readonly user: Pick<User, 'name' | 'version'>;
  /** What a change must bring along, so that no other page can make it. */
  readonly csrfToken: string;
}

/** Kept in memory alone: a restart logs everybody out, and no copy of the data directory lets anybody in. */
export interface Sessions {
  /** The id for the cookie. */
  open(user: Pick<User, 'name' | 'version'>): string;
  find(id: string): Session | undefined;
  close(id: string): void;
}

export const SESSION_HOURS = 12;
const LIFE_MS = SESSION_HOURS * 3_600_000;
const MAX_SESSIONS = 1_000;

export function createSessions(clock: Clock): Sessions {
  const sessions = new Map<string, Session & { readonly endsAt: number }>();

  return {
    open({ name, version }) {
      const id = draw();
      sessions.set(keyOf(id), {
        user: { name, version },
        csrfToken: draw(),
        endsAt: clock.monotonic() + LIFE_MS,
      });
      keepNewest(sessions, MAX_SESSIONS);
      return id;
    },
    find(id) {
      const session = sessions.get(keyOf(id));
      if (!session || clock.monotonic() < session.endsAt) return session;
      sessions.delete(keyOf(id));
      return undefined;
    },
    close(id) {
      sessions.delete(keyOf(id));
    },
  };
}

export function isSame(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

function draw(): string {
  return randomBytes(32).toString('base64url');
}

/** Looking up a digest tells nothing about the id by the time that it takes. */
function keyOf(id: string): string {
  return digest(id).toString('base64');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
