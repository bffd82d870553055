import { z } from 'zod';

import { isNetwork } from '../model/network.ts';
import { ROLES } from '../model/role.ts';
import { secretReference } from '../model/secret.ts';
import { identifier } from './names.ts';

const user = {
  name: z
    .string()
    .regex(/^[\w.@+-]{1,128}$/, { error: 'must be 1 to 128 letters, digits and . _ @ + -' })
    .describe('Stands in the audit log'),
  role: z
    .enum(ROLES)
    .default('viewer')
    .describe(
      'viewer sees states and records; operator also their original text, and may test, replay and mute; admin also the configuration and the audit log',
    ),
  customers: z
    .exactOptional(z.array(identifier).min(1))
    .describe('Sees nothing of other customers; absent: sees all'),
};

const none = z.strictObject({
  type: z.literal('none').describe('Whoever reaches the listener may do everything; only on loopback'),
});

const token = z.strictObject({
  type: z.literal('token').describe('Authorization: Bearer, or the login page'),
  users: z
    .array(
      z.strictObject({
        ...user,
        tokenHash: secretReference.describe('Reference to what guardrelay hash-token printed'),
      }),
    )
    .min(1)
    .describe('Who may come in'),
});

const basic = z.strictObject({
  type: z.literal('basic').describe('Authorization: Basic, or the login page'),
  users: z
    .array(
      z.strictObject({
        ...user,
        passwordHash: secretReference.describe('Reference to what guardrelay hash-token --password printed'),
      }),
    )
    .min(1)
    .describe('Who may come in'),
});

const network = z
  .string()
  .refine(isNetwork, { error: 'must be an address or a network, such as 10.1.2.3 or 10.0.0.0/8' });

const proxyHeader = z.strictObject({
  type: z.literal('proxy-header').describe('A reverse proxy authenticates and names the user in a header'),
  from: z.array(network).min(1).describe('Addresses of the proxies; the header of others is refused'),
  header: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,63}$/, { error: 'must be the name of a header in small letters' })
    .default('x-forwarded-user')
    .describe('Header with the name of the user'),
  users: z.array(z.strictObject(user)).min(1).describe('Who may come in'),
});

export const httpAuth = z
  .discriminatedUnion('type', [none, token, basic, proxyHeader])
  .prefault({ type: 'none' })
  .describe('Who may use console, API and metrics; probes need nobody');

export const hostNames = z
  .array(
    z.string().regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/, {
      error: 'must be a host name in small letters, with its port where that is not the usual one',
    }),
  )
  .default([])
  .describe('Host names of the listener beside loopback and that of publicUrl; others are refused');

export const trustedProxies = z
  .array(network)
  .default([])
  .describe(
    'Addresses of reverse proxies: X-Forwarded-For of these says whose logins failed, and who stands in the audit log',
  );
