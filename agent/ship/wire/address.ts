import { type LookupAddress, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

import { isForbiddenAddress } from '../../model/http-url.ts';
import { blocked, WireError } from './fault.ts';

type Resolve = (
  host: string,
  options: { all: true; family?: number },
  done: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

/** A `lookup` for sockets that refuses names which lead to a forbidden address. */
export function createGuardedLookup(resolve: Resolve = lookup): LookupFunction {
  return (host, options, callback) => {
    const family = options.family === 4 || options.family === 6 ? options.family : 0;
    resolve(host, { all: true, family }, (error, addresses) => {
      const refusal = error ?? refusalOf(host, addresses);
      if (refusal) return callback(refusal, '', 0);
      if (options.all) return callback(null, addresses);
      const [first] = addresses;
      return callback(null, first?.address ?? '', first?.family ?? 0);
    });
  };
}

/** The error for a host that is, or leads to, a forbidden address. */
export function refusalOf(host: string, addresses: readonly LookupAddress[] = []): WireError | undefined {
  const places = [host, ...addresses.map(({ address }) => address)];
  if (!places.some(isForbiddenAddress)) return undefined;
  const sentence = `${host} leads to a link-local or metadata address, which is never a SIEM`;
  return new WireError(blocked('config', 'DST-007', sentence));
}
