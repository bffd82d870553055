import { z } from 'zod';

import { type headerOptions, isReference } from '../../model/header-options.ts';
import { secretReference } from '../../model/secret.ts';
import type { HeaderValue } from './credentials.ts';

/** The `auth` block of an HTTP destination. */
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
  return async (read) => `Basic ${Buffer.from(`${username}:${await read(password)}`).toString('base64')}`;
}
