import type { Clock } from '../../model/clock.ts';
import type { Logger } from '../../model/logger.ts';
import type { Role } from '../../model/role.ts';
import type { SecretReader } from '../../model/secret.ts';
import { parseHash, type SecretHash } from './secret-hash.ts';

/** A user as the configuration has it. */
export interface UserOptions {
  readonly name: string;
  readonly role: Role;
  readonly customers?: readonly string[];
  /** Reference to the hash of a token or password; absent: somebody else has asked who it is. */
  readonly hash?: string;
}

export interface User extends Omit<UserOptions, 'hash'> {
  readonly hash?: SecretHash;
  /** Changes with the hash: what was proven with another one counts no longer. */
  readonly version: string;
}

/** Who may come in now. */
export interface Users {
  current(): Promise<readonly User[]>;
}

/** So long a secret that was taken away may still be used. */
const READ_AGAIN_MS = 30_000;

interface UsersParts {
  /** A password has a slow hash, a token a quick one: the other way round anybody could guess, or keep the agent busy. */
  readonly expects: SecretHash['kind'];
  readonly readSecret: SecretReader;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Reads the hashes again now and then, so that one that is rotated or taken away needs no restart. */
export function createUsers(
  options: readonly UserOptions[],
  { expects, readSecret, clock, logger }: UsersParts,
): Users {
  let read: { readonly at: number; readonly users: Promise<readonly User[]> } | undefined;

  /** Without a hash that can be read nobody is that user. */
  async function open({ hash: reference, ...user }: UserOptions): Promise<readonly User[]> {
    if (reference === undefined) return [{ ...user, version: '' }];
    try {
      const text = (await readSecret(reference)).trim();
      const hash = parseHash(text);
      if (hash?.kind === expects) return [{ ...user, hash, version: text }];
      logger.error('the hash of a user is none of guardrelay hash-token, or of the other kind', {
        code: 'CFG-005',
        user: user.name,
      });
    } catch (error) {
      logger.error('the hash of a user cannot be read', {
        code: 'CFG-005',
        user: user.name,
        error: String(error),
      });
    }
    return [];
  }

  return {
    async current() {
      const now = clock.monotonic();
      if (!read || now - read.at >= READ_AGAIN_MS) {
        read = { at: now, users: Promise.all(options.map(open)).then((opened) => opened.flat()) };
      }
      return await read.users;
    },
  };
}
