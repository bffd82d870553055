import type { DetailedPeerCertificate, PeerCertificate, TLSSocket } from 'node:tls';

/** What the two sides of a TLS connection agreed on. */
export interface TlsFacts {
  readonly version: string;
  /** Whom the certificate names. */
  readonly names: readonly string[];
  readonly issuer: string;
  /** When the first certificate of the chain ends; epoch ms. */
  readonly expiresAt: number;
}

/** Something that went well on the way to a destination; `to` and `through` are hosts with ports. */
export type ConnectionStep =
  | { readonly kind: 'resolved'; readonly host: string; readonly addresses: readonly string[] }
  | { readonly kind: 'connected'; readonly to: string; readonly address: string }
  /** A proxy agreed to carry what is said from now on. */
  | { readonly kind: 'proxied'; readonly to: string; readonly through: string }
  | { readonly kind: 'secured'; readonly to: string; readonly facts: TlsFacts };

export function tlsFacts(socket: TLSSocket): TlsFacts {
  const peer = socket.getPeerCertificate(true);
  return {
    version: socket.getProtocol() ?? 'unknown',
    names: namesIn(peer),
    issuer: nameIn(peer.issuer),
    expiresAt: Math.min(...chainOf(peer).map(({ valid_to }) => Date.parse(valid_to))),
  };
}

/** `DNS:siem.example.com, IP Address:10.0.0.1` as Node tells it; old certificates have a subject only. */
function namesIn({ subjectaltname, subject }: PeerCertificate): readonly string[] {
  if (!subjectaltname) return [nameIn(subject)];
  return subjectaltname.split(', ').map((name) => name.replace(/^(DNS|IP Address):/, ''));
}

/** From the peer's own certificate up to one that signed itself, or whose signer is not known. */
function chainOf(peer: DetailedPeerCertificate): readonly PeerCertificate[] {
  const chain: PeerCertificate[] = [];
  for (let one = peer; one && !chain.includes(one); one = one.issuerCertificate) chain.push(one);
  return chain;
}

function nameIn({ CN, O }: PeerCertificate['subject']): string {
  return [CN ?? O ?? 'unnamed'].flat().join(' ');
}
