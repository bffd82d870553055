import { isDeepStrictEqual } from 'node:util';

import { GuardrelayError } from '../../model/error.ts';
import type { SecretReader } from '../../model/secret.ts';
import { blocked, retry, WireError } from './fault.ts';

/** RFC 9110 5.5: what a field value may hold. */
const FIELD_VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;
/** Shorter ones would blank out ordinary words. */
const MIN_MASKED_LENGTH = 4;

type Headers = Readonly<Record<string, string>>;

/** Request headers, some of which come from secrets. */
export interface Credentials {
  headers(): Promise<Headers>;
  /** Reads the secrets anew; undefined when that gives what was `used`. */
  renew(used: Headers): Promise<Headers | undefined>;
  /** Takes every secret that was read out of a text. */
  mask(text: string): string;
}

/** Makes the value of a header from literal text and secrets that it reads by reference. */
export type HeaderValue = (read: SecretReader) => Promise<string>;

export function createCredentials(
  values: Readonly<Record<string, HeaderValue>>,
  readSecret: SecretReader,
): Credentials {
  const secrets = new Set<string>();
  let known: Headers | undefined;

  function remember(secret: string): string {
    if (secret.length >= MIN_MASKED_LENGTH) secrets.add(secret);
    return secret;
  }

  async function read(reference: string): Promise<string> {
    const secret = await readSecret(reference).catch((error: unknown) => {
      throw new WireError(unreadable(error), error);
    });
    if (!FIELD_VALUE.test(secret)) throw new WireError(unfit(reference));
    return remember(secret);
  }

  async function readAll(): Promise<Headers> {
    const entries = Object.entries(values).map(async ([name, value]) => [name, await value(read)] as const);
    const headers = Object.fromEntries(await Promise.all(entries));
    // A password is sent encoded, and an answer may repeat it as it was sent.
    const basic = /^Basic (.+)$/.exec(headers.authorization ?? '');
    if (basic?.[1]) remember(basic[1]);
    return headers;
  }

  return {
    async headers() {
      known ??= await readAll();
      return known;
    },
    async renew(used) {
      known = await readAll();
      return isDeepStrictEqual(known, used) ? undefined : known;
    },
    mask(text) {
      let masked = text;
      for (const secret of secrets) masked = masked.replaceAll(secret, '***');
      return masked;
    },
  };
}

function unreadable(error: unknown) {
  if (error instanceof GuardrelayError) return blocked('auth', error.code, error.message);
  return retry('CFG-005', 'a secret of this destination cannot be read');
}

function unfit(reference: string) {
  return blocked('auth', 'CFG-005', `the secret ${reference} holds characters that a header cannot carry`);
}
