import { isIP } from 'node:net';

import type { FastifyRequest } from 'fastify';

/**
 * Who asks: what the trusted proxies say in `X-Forwarded-For`, else the other end of the connection. A proxy that says
 * something else than an address (some add the port, which changes with every try) is taken for the client itself.
 */
export function clientAddress({ ip, socket }: Pick<FastifyRequest, 'ip' | 'socket'>): string {
  return isIP(ip) === 0 ? (socket.remoteAddress ?? '') : ip;
}
