import type { Finding } from '../../../model/finding.ts';
import type { Peer } from '../../../model/peer.ts';
import { filled } from '../../present.ts';

function pointOf(latitude: number | undefined, longitude: number | undefined) {
  return latitude === undefined || longitude === undefined ? undefined : { lat: latitude, lon: longitude };
}

function geoOf({ location }: Peer) {
  if (!location) return undefined;
  return filled({
    city_name: location.city,
    country_name: location.country,
    country_iso_code: location.countryCode,
    location: pointOf(location.latitude, location.longitude),
  });
}

function autonomousSystemOf({ network }: Peer) {
  if (!network) return undefined;
  const { asn, asnOrg } = network;
  return filled({ number: asn, organization: asnOrg === undefined ? undefined : { name: asnOrg } });
}

/** One end of a connection, if anything says which; `address` is whatever does. */
export function endOf(peer: Peer | undefined) {
  if (!peer) return undefined;
  const { ip, domain, port } = peer;
  return filled({
    address: ip ?? domain,
    ip,
    domain,
    port,
    geo: geoOf(peer),
    as: autonomousSystemOf(peer),
  });
}

/** Both ends, and what went between them. */
export function networkOf({ source, destination, direction, protocol, dns }: Finding) {
  return {
    source: endOf(source),
    destination: endOf(destination),
    network: filled({
      direction: direction?.toLowerCase(),
      transport: protocol?.toLowerCase(),
      protocol: dns && 'dns',
    }),
    dns: dns && { question: { name: dns.domain } },
  };
}
