import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** What stands in the configuration instead of a token or a password. */
export type SecretHash =
  /** Only for what a machine has drawn: nothing slows down who guesses. */
  | { readonly kind: 'sha256'; readonly digest: Buffer }
  | { readonly kind: 'scrypt'; readonly cost: Cost; readonly salt: Buffer; readonly digest: Buffer };

interface Cost {
  /** log2 of N. */
  readonly log: number;
  readonly r: number;
  readonly p: number;
}

// Of the equal settings in OWASP's Password Storage Cheat Sheet one that needs 32 MB for a guess, beside a relay.
const COST: Cost = { log: 15, r: 8, p: 3 };
const MAX_MEMORY_BYTES = 128 * 1024 * 1024;
const DIGEST_BYTES = 32;
const TOKEN_BYTES = 32;

/** A token that nobody has to think up. */
export function drawToken(): string {
  return `gr_${randomBytes(TOKEN_BYTES).toString('base64url')}`;
}

export function hashToken(token: string): string {
  return `sha256:${createHash('sha256').update(token).digest('hex')}`;
}

export async function hashPassword(password: string, cost = COST): Promise<string> {
  const salt = randomBytes(16);
  const digest = await derive(password, salt, cost);
  const { log, r, p } = cost;
  return ['scrypt', log, r, p, salt.toString('base64url'), digest.toString('base64url')].join(':');
}

/** Undefined: it is no hash of ours. */
export function parseHash(text: string): SecretHash | undefined {
  const plain = /^sha256:([0-9a-f]{64})$/.exec(text);
  if (plain) return { kind: 'sha256', digest: Buffer.from(plain[1] ?? '', 'hex') };
  const slow = /^scrypt:(1[0-6]):(\d{1,2}):(\d{1,2}):([\w-]{16,}):([\w-]{43})$/.exec(text);
  if (!slow) return undefined;
  const [, log, r, p, salt = '', digest = ''] = slow;
  return {
    kind: 'scrypt',
    cost: { log: Number(log), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64url'),
    digest: Buffer.from(digest, 'base64url'),
  };
}

/** Takes as long for a wrong secret as for the right one. */
export async function matches(secret: string, hash: SecretHash): Promise<boolean> {
  return timingSafeEqual(hash.digest, await digestOf(secret, hash));
}

async function digestOf(secret: string, hash: SecretHash): Promise<Buffer> {
  if (hash.kind === 'sha256') return createHash('sha256').update(secret).digest();
  return await derive(secret, hash.salt, hash.cost);
}

function derive(secret: string, salt: Buffer, { log, r, p }: Cost): Promise<Buffer> {
  const options = { N: 2 ** log, r, p, maxmem: MAX_MEMORY_BYTES };
  return new Promise((resolve, reject) => {
    scrypt(secret.normalize('NFKC'), salt, DIGEST_BYTES, options, (error, digest) => {
      if (error) reject(error);
      else resolve(digest);
    });
  });
}
