import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net';

import { blocked, WireError } from './fault.ts';

/** Link-local addresses, among them the metadata services that hand out credentials. */
const forbidden = new BlockList();
forbidden.addSubnet('169.254.0.0', 16, 'ipv4');
forbidden.addSubnet('fe80::', 10, 'ipv6');
forbidden.addSubnet('fd00:ec2::', 32, 'ipv6');

/** True for an address that no destination may have; false for names. */
export function isForbiddenAddress(host: string): boolean {
  if (isIP(host) === 0) return false;
  return forbidden.check(host, isIPv6(host) ? 'ipv6' : 'ipv4');
}

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
