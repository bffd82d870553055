import { createHmac, randomBytes } from 'node:crypto';

import type { Clock } from '../../model/clock.ts';
import { keepNewest } from '../../model/keep-newest.ts';
import { ProblemError } from '../api/problem.ts';
import { matches } from './secret-hash.ts';
import type { User, Users } from './users.ts';

/** What somebody says to prove who they are. `name` absent: the token says that too. */
export interface Credentials {
  readonly name?: string | undefined;
  readonly secret: string;
}

/** Compares credentials with the hashes of the users. */
export interface Verifier {
  /** Undefined: nobody has these. */
  verify(credentials: Credentials): Promise<User | undefined>;
}

const REMEMBER_MS = 5 * 60_000;
const MAX_REMEMBERED = 1_000;
/** A password takes a thread for a quarter of a second, and the relay needs threads too. */
const MAX_AT_ONCE = 2;
const MAX_WAITING = 16;

export function createVerifier(users: Users, clock: Clock): Verifier {
  const key = randomBytes(32);
  const remembered = new Map<string, { readonly user: User; readonly until: number }>();
  const slow = createGate();

  async function find({ name, secret }: Credentials): Promise<User | undefined> {
    const all = await users.current();
    if (name === undefined) {
      const fits = await Promise.all(
        all.map(async (user) => user.hash && (await matches(secret, user.hash))),
      );
      return all.find((_, at) => fits[at] === true);
    }
    const user = all.find((each) => each.name === name);
    // With somebody's hash it takes as long where there is no such user.
    const hash = (user ?? all[0])?.hash;
    const fits = hash !== undefined && (await slow(() => matches(secret, hash)));
    return fits ? user : undefined;
  }

  function recall(id: string, all: readonly User[]): User | undefined {
    const found = remembered.get(id);
    if (!found || clock.monotonic() >= found.until) return undefined;
    return all.find(({ name, version }) => name === found.user.name && version === found.user.version);
  }

  return {
    async verify(credentials) {
      // What is remembered is of no use to who reads the memory of another process.
      const id = createHmac('sha256', key).update(JSON.stringify(credentials)).digest('base64');
      const known = recall(id, await users.current());
      if (known) return known;
      const user = await find(credentials);
      if (user) remembered.set(id, { user, until: clock.monotonic() + REMEMBER_MS });
      keepNewest(remembered, MAX_REMEMBERED);
      return user;
    },
  };
}

/** So many at once, a few in a queue, and nobody else. */
function createGate() {
  const waiting: (() => void)[] = [];
  let running = 0;

  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= MAX_AT_ONCE) {
      if (waiting.length >= MAX_WAITING) throw new ProblemError(429, { detail: 'too many logins at once' });
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}
