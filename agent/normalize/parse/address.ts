import { isIP } from 'node:net';

import type { Peer } from '../../model/peer.ts';
import { integerOf, listOf } from '../lenient.ts';

/** The longest form without a zone; a zone means something on its own host only. */
const LONGEST_IP = 39;

/** An address of version 4 or 6, and nothing else. */
export function ipOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > LONGEST_IP || value.includes('%')) return undefined;
  return isIP(value) === 0 ? undefined : value;
}

/** The addresses of a list. */
export function ipsOf(values: unknown): readonly string[] {
  return listOf(values).flatMap((value) => ipOf(value) ?? []);
}

/** The fields of an end of a connection that tell its address. */
export function addressOf(ip: string | undefined): Pick<Peer, 'ip' | 'ipVersion'> {
  if (ip === undefined) return {};
  return { ip, ipVersion: ip.includes(':') ? 6 : 4 };
}

/** Port 0 stands where GuardDuty knows none. */
export function portOf(value: unknown): number | undefined {
  const port = integerOf(value);
  return port !== undefined && port > 0 && port <= 65_535 ? port : undefined;
}

/** `-1` and `0` stand where GuardDuty knows no number. */
export function asnOf(value: unknown): number | undefined {
  const asn = integerOf(value);
  return asn !== undefined && asn > 0 ? asn : undefined;
}
