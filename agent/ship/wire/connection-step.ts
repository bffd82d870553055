import type { DetailedPeerCertificate, PeerCertificate, TLSSocket } from 'node:tls';

/** What the two sides of a TLS connection agreed on. */
export interface TlsFacts {
  readonly version: string;
  /** Whom the certificate names. */
  readonly subject: string;
  readonly issuer: string;
  /** When the first certificate of the chain ends; epoch ms. */
  readonly expiresAt: number;
}

/** Something that went well on the way to a destination; `to` and `through` are hosts with their ports. */
export type ConnectionStep =
  | { readonly kind: 'resolved'; readonly host: string; readonly addresses: readonly string[] }
  | { readonly kind: 'connected'; readonly to: string; readonly address: string }
  | { readonly kind: 'tunnelled'; readonly to: string; readonly through: string }
  | { readonly kind: 'secured'; readonly to: string; readonly facts: TlsFacts };

export function tlsFacts(socket: TLSSocket): TlsFacts {
  const peer = socket.getPeerCertificate(true);
  return {
    version: socket.getProtocol() ?? 'unknown',
    subject: peer.subjectaltname ?? nameIn(peer.subject),
    issuer: nameIn(peer.issuer),
    expiresAt: Math.min(...chainOf(peer).map(({ valid_to }) => Date.parse(valid_to))),
  };
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
