import { isDeepStrictEqual } from 'node:util';

import { GuardrelayError } from '../../model/error.ts';
import type { HeaderValue } from '../../model/header-options.ts';
import { createMask } from '../../model/mask.ts';
import type { SecretReader } from '../../model/secret.ts';
import { blocked, retry, WireError } from '../wire/fault.ts';

/** RFC 9110 5.5: what a field value may hold. */
const FIELD_VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;

export type Headers = Readonly<Record<string, string>>;

/** What a signature may cover. */
export interface OutgoingRequest {
  readonly method: string;
  readonly url: URL;
  /** Id of the sealed batch: the same on every try. */
  readonly batchId: string;
  /** Before compression. */
  body(): Buffer;
  /** As it goes over the wire. */
  readonly wire: Buffer;
  readonly headers: Headers;
}

/** Headers that authorize one request, and the secrets that made them. */
export interface Authorized {
  readonly headers: Headers;
  /** Where the path is a secret. */
  readonly path?: string;
  readonly secrets: Headers;
}

/** What an HTTP destination shows to be let in. */
export interface Credentials {
  /** Rejects with a WireError while a secret cannot be had. */
  authorize(request: OutgoingRequest, signal: AbortSignal): Promise<Authorized>;
  /** Reads the secrets anew; false when they are still those that were used. */
  renew(used: Authorized, signal: AbortSignal): Promise<boolean>;
  /** Takes every secret that was read out of a text. */
  mask(text: string): string;
  /** Where they keep a connection of their own; safe twice. */
  close?(deadlineMs: number): Promise<void>;
}

interface CredentialParts {
  readonly values: Readonly<Record<string, HeaderValue>>;
  readonly readSecret: SecretReader;
  /** What lets one request in; absent: the values are its headers. */
  sign?(values: Headers, request: OutgoingRequest): Pick<Authorized, 'headers' | 'path'>;
}

/** Credentials from secrets that are read once, and again when the destination refuses them. */
export function createCredentials({ values, readSecret, sign = headersOf }: CredentialParts): Credentials {
  const mask = createMask();
  let known: Headers | undefined;

  async function read(reference: string): Promise<string> {
    const secret = await readFieldValue(reference, readSecret);
    mask.hide(secret);
    return secret;
  }

  async function readAll(): Promise<Headers> {
    const entries = Object.entries(values).map(async ([name, value]) => [name, await value(read)] as const);
    const secrets = Object.fromEntries(await Promise.all(entries));
    // A password is sent encoded, and an answer may repeat it as it was sent.
    const basic = /^Basic (.+)$/.exec(secrets.authorization ?? '');
    if (basic?.[1]) mask.hide(basic[1]);
    return secrets;
  }

  return {
    async authorize(request) {
      known ??= await readAll();
      return { ...sign(known, request), secrets: known };
    },
    async renew({ secrets }) {
      known = await readAll();
      return !isDeepStrictEqual(known, secrets);
    },
    mask: mask.clean,
  };
}

function headersOf(values: Headers): Pick<Authorized, 'headers'> {
  return { headers: values };
}

/** A secret that is fit for a header. Rejects with a WireError that says why there is none. */
export async function readFieldValue(reference: string, readSecret: SecretReader): Promise<string> {
  const secret = await readSecretText(reference, readSecret);
  if (!FIELD_VALUE.test(secret)) throw new WireError(unfit(reference));
  return secret;
}

/** A secret of any form. Rejects with a WireError that says why there is none. */
export function readSecretText(reference: string, readSecret: SecretReader): Promise<string> {
  return readSecret(reference).catch((error: unknown) => {
    throw new WireError(unreadable(error), error);
  });
}

function unreadable(error: unknown) {
  if (error instanceof GuardrelayError) return blocked('auth', error.code, error.message);
  return retry('CFG-005', 'a secret of this destination cannot be read');
}

function unfit(reference: string) {
  return blocked('auth', 'CFG-005', `the secret ${reference} holds characters that a header cannot carry`);
}
