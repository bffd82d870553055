import { BlockList, isIP } from 'node:net';

const BITS = { ipv4: 32, ipv6: 128 } as const;

interface Network {
  readonly address: string;
  readonly bits: number;
  readonly family: keyof typeof BITS;
}

/** Whether it is an address, or a block of them in CIDR notation (RFC 4632 3.1), such as 10.0.0.0/8. */
export function isNetwork(text: string): boolean {
  return networkIn(text) !== undefined;
}

/** Whether an address is in one of these; what is no network has none, and a name is in none. */
export function withinNetworks(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const network of networks.map(networkIn)) {
    if (network) list.addSubnet(network.address, network.bits, network.family);
  }
  return (address) => isIP(address) !== 0 && list.check(address, familyOf(address));
}

function networkIn(text: string): Network | undefined {
  const [address = '', prefix, ...others] = text.split('/');
  if (isIP(address) === 0 || others.length > 0) return undefined;
  const family = familyOf(address);
  if (prefix === undefined) return { address, bits: BITS[family], family };
  const bits = Number(prefix);
  return /^\d{1,3}$/.test(prefix) && bits <= BITS[family] ? { address, bits, family } : undefined;
}

function familyOf(address: string): keyof typeof BITS {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
