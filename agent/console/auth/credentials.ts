import type { FastifyRequest } from 'fastify';

import type { Credentials } from './verifier.ts';

export const COOKIE = 'guardrelay_session';

/** What the header `Authorization` says; undefined: nothing that is asked for. */
export function credentialsOf(request: FastifyRequest, asks: 'token' | 'basic'): Credentials | undefined {
  const { authorization = '' } = request.headers;
  const [, scheme = '', value = ''] = /^(\w+) +(\S+)$/.exec(authorization) ?? [];
  if (asks === 'token') return scheme.toLowerCase() === 'bearer' ? { secret: value } : undefined;
  if (scheme.toLowerCase() !== 'basic') return undefined;
  const text = Buffer.from(value, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { name: text.slice(0, colon), secret: text.slice(colon + 1) };
}

/** The id of a session. */
export function cookieOf(request: FastifyRequest): string | undefined {
  const cookies = (request.headers.cookie ?? '').split(';').map((cookie) => cookie.trim());
  return cookies.find((cookie) => cookie.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);
}
