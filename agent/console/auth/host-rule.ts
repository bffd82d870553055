import { isIP } from 'node:net';

import type { FastifyRequest } from 'fastify';

import { ProblemError, refusal } from '../api/problem.ts';

export interface HostRule {
  /** Throws a ProblemError for a request under a foreign name, and for what another page asks for. */
  check(request: FastifyRequest): void;
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/**
 * `names`: of the listener beside loopback, with their port where it is not the usual one. `isOpen`: nobody has to log
 * in, so that an address alone is not enough.
 */
export function createHostRule(names: readonly string[], isOpen: boolean): HostRule {
  /** A page elsewhere may point its own name at this address (DNS rebinding), but no address. */
  function isOurs(hostname: string): boolean {
    if (LOOPBACK.includes(hostname) || names.some((name) => hostPart(name) === hostname)) return true;
    return !isOpen && isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
  }

  /** Another port of the same host is another page. A proxy may have put its own name into `Host`. */
  function isSameOrigin(origin: string, host: string): boolean {
    const parsed = URL.parse(origin);
    if (!parsed) return false;
    return parsed.host === host || names.includes(parsed.host);
  }

  /** A link may lead here. What a page elsewhere loads it cannot read, but it would keep the agent busy. */
  function isWanted({ method, headers }: FastifyRequest): boolean {
    const { host = '', origin, 'sec-fetch-site': site = 'same-origin', 'sec-fetch-mode': mode } = headers;
    const isHere = ['same-origin', 'none'].includes(String(site));
    if (method === 'GET' || method === 'HEAD') return isHere || mode === 'navigate';
    return isHere && (origin === undefined || isSameOrigin(origin, host));
  }

  return {
    check(request) {
      const { host = '' } = request.headers;
      if (!isOurs(hostPart(host))) {
        const fix = 'Put the name into http.names, or use an address of loopback.';
        throw new ProblemError(421, { detail: `nothing is called ${host.slice(0, 100)} here`, fix });
      }
      if (!isWanted(request)) throw refusal('another page asks for this');
    },
  };
}

function hostPart(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, '');
}
