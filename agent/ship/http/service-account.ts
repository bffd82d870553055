import { createSign } from 'node:crypto';
import { z } from 'zod';

import { jsonOf } from '../../model/json.ts';
import { blocked, WireError } from '../wire/fault.ts';
import type { TokenRequest } from './access-token.ts';

/** Longest life of an assertion that Google accepts. */
const LIFE_SECONDS = 3_600;

/** What of a service account's key file is used; where tokens come from is not taken from it. */
const keyFile = z.object({
  client_email: z.string().min(1),
  private_key: z.string().includes('PRIVATE KEY'),
  private_key_id: z.string().optional(),
});

interface Assertion {
  /** The key file's text. */
  readonly key: string;
  /** The token endpoint. */
  readonly audience: string;
  readonly scope: string;
  readonly nowMs: number;
}

/** The form that asks Google for a token: a JWT signed with the account's key (RFC 7523 2.1). */
export function serviceAccountRequest({ key, audience, scope, nowMs }: Assertion): TokenRequest {
  const { client_email: iss, private_key: privateKey, private_key_id: kid } = accountIn(key);
  const iat = Math.floor(nowMs / 1_000);
  const head = encoded({ alg: 'RS256', typ: 'JWT', ...(kid !== undefined && { kid }) });
  const claims = encoded({ iss, scope, aud: audience, iat, exp: iat + LIFE_SECONDS });
  const assertion = `${head}.${claims}.${signature(`${head}.${claims}`, privateKey)}`;
  return {
    form: { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion },
    secrets: [assertion],
  };
}

function accountIn(key: string): z.infer<typeof keyFile> {
  const { data: account } = keyFile.safeParse(jsonOf(key));
  if (!account)
    throw unusable('is no key file of a service account (JSON with client_email and private_key)');
  return account;
}

function signature(text: string, privateKey: string): string {
  try {
    return createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url');
  } catch {
    // The reason could quote the key.
    throw unusable('holds a private key that cannot sign');
  }
}

function unusable(what: string): WireError {
  return new WireError(blocked('auth', 'CFG-005', `the secret of serviceAccount ${what}`));
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
