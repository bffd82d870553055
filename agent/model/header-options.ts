import { z } from 'zod';

import { basicAuthorization } from './proxy.ts';
import { type SecretReader, secretReference } from './secret.ts';

/** Names that carry credentials: their values must come from a secret. */
const SECRET_NAME = /auth|token|key|secret|password|cookie/i;
/** Headers that are the agent's to set. */
const OWN_NAMES = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'expect',
  'host',
  'idempotency-key',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'webhook-id',
  'webhook-signature',
  'webhook-timestamp',
]);

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, { error: 'must be the name of an HTTP header' })
  .refine((name) => !OWN_NAMES.has(name.toLowerCase()), { error: 'is a header that guardrelay sets itself' });

const headerValue = z.string().regex(/^[\t -~]*$/, { error: 'must be printable ASCII' });

/** A `headers` map. */
export const headerOptions = z
  .record(headerName, headerValue)
  .superRefine((map, context) => {
    for (const [name, value] of Object.entries(map)) {
      if (!SECRET_NAME.test(name) || isReference(value)) continue;
      const message = 'may be a credential, so it must be a secret reference: env:NAME or file:/path';
      context.addIssue({ code: 'custom', path: [name], message });
    }
  })
  .default({})
  .describe('More request headers; a value may be a secret reference, env:NAME or file:/path');

/** Whether a value stands for a secret. */
function isReference(value: string): boolean {
  return secretReference.safeParse(value).success;
}

/** Makes a value from literal text and secrets that it reads by reference. */
export type HeaderValue = (read: SecretReader) => Promise<string>;

/** An `auth` block. */
export const authOptions = z
  .union([
    z.strictObject({ bearer: secretReference }),
    z.strictObject({
      basic: z
        .strictObject({
          username: z.string().min(1).describe('User name'),
          password: secretReference,
        })
        .describe('User name and password'),
    }),
  ])
  .describe('Credentials: a bearer token, or a user name with a password');

interface HeaderSources {
  readonly headers: z.infer<typeof headerOptions>;
  readonly auth?: z.infer<typeof authOptions>;
}

/** What the configuration says of headers, as values that are read when they are needed. */
export function headerValues({ headers, auth }: HeaderSources): Readonly<Record<string, HeaderValue>> {
  const values: Record<string, HeaderValue> = {};
  for (const [name, value] of Object.entries(headers)) {
    values[name.toLowerCase()] = async (read) => (isReference(value) ? read(value) : value);
  }
  if (auth) values.authorization = authorization(auth);
  return values;
}

function authorization(auth: z.infer<typeof authOptions>): HeaderValue {
  if ('bearer' in auth) return async (read) => `Bearer ${await read(auth.bearer)}`;
  const { username, password } = auth.basic;
  return async (read) => basicAuthorization(username, await read(password));
}
