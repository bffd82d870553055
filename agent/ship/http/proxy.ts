import { z } from 'zod';

import { basicAuthorization, type ProxyChoice, type ProxyServer } from '../../model/proxy.ts';
import { type SecretReader, secretReference } from '../../model/secret.ts';
import { hasCredentials, hostOf, portOf } from '../../model/url.ts';
import { tlsOptions } from '../tls.ts';
import type { Endpoint } from '../wire/connect.ts';
import type { ForwardProxy } from '../wire/proxy-tunnel.ts';
import { readFieldValue } from './credentials.ts';

/** The `proxy` of an HTTP destination. */
export const proxyOption = z
  .union([
    z.literal('none'),
    z
      .strictObject({
        url: z
          .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
          .refine((url) => !hasCredentials(URL.parse(url)), {
            error: 'must not hold credentials; use username and password',
          })
          .describe('Address of the proxy, such as http://proxy.example.com:3128'),
        username: z.string().min(1).exactOptional().describe('User name for the proxy'),
        password: secretReference.exactOptional(),
        tls: tlsOptions.prefault({}).describe('Certificates and names of the proxy itself; for https'),
      })
      .refine(({ username, password }) => (username === undefined) === (password === undefined), {
        error: 'username and password belong together: give both or none',
      }),
  ])
  .describe('Forward proxy. Without it what HTTPS_PROXY and NO_PROXY say; none: no proxy');

type ProxyOption = z.infer<typeof proxyOption>;

interface ProxySources {
  readonly option: ProxyOption | undefined;
  /** What the environment of the agent says. */
  readonly proxyFor?: ProxyChoice | undefined;
  readonly readSecret: SecretReader;
}

/** The proxy on the way to a URL; undefined: none. */
export function proxyOf(url: URL, { option, proxyFor, readSecret }: ProxySources): ForwardProxy | undefined {
  if (option === 'none') return undefined;
  if (option) return configured(option, readSecret);
  const server = proxyFor?.(url);
  return server && fromEnvironment(server);
}

function configured(option: Exclude<ProxyOption, 'none'>, readSecret: SecretReader): ForwardProxy {
  const { username, password: reference } = option;
  const url = new URL(option.url);
  return {
    endpoint: endpointOf(hostOf(url), portOf(url), url.protocol === 'https:' ? option.tls : undefined),
    async headers() {
      if (username === undefined || reference === undefined) return {};
      return authorized(basicAuthorization(username, await readFieldValue(reference, readSecret)));
    },
  };
}

function fromEnvironment({ host, port, secure, authorization }: ProxyServer): ForwardProxy {
  return {
    endpoint: endpointOf(host, port, secure ? tlsOptions.parse({}) : undefined),
    headers: async () => (authorization === undefined ? {} : authorized(authorization)),
  };
}

function endpointOf(host: string, port: number, tls: Endpoint['tls'] | undefined): Endpoint {
  return { host, port, ...(tls && { tls, alpn: ['http/1.1'] }) };
}

function authorized(authorization: string) {
  return { 'proxy-authorization': authorization };
}
