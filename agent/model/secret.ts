import { z } from 'zod';

/** Where a secret stands; never the secret itself. */
export const secretReference = z
  .string()
  .regex(/^(env:[A-Za-z_][A-Za-z0-9_]*|file:\/.+)$/, {
    error: 'must be a reference, env:NAME or file:/path, never the secret itself',
  })
  .describe('Secret reference: env:NAME or file:/path');

/** Reads the secret behind a reference, anew each time, so that a rotated file takes effect. */
export type SecretReader = (reference: string) => Promise<string>;
