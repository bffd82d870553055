import type { Peer } from '../../../model/peer.ts';
import { filled } from '../../present.ts';
import { integer } from './attribute.ts';

/** OCSF wants the two letters; many findings have only the name. Coordinates alone are no location. */
function locationOf({ location }: Peer) {
  const country = location?.countryCode ?? location?.country;
  if (!location || (country === undefined && location.city === undefined)) return undefined;
  return { country, city: location.city, lat: location.latitude, long: location.longitude };
}

function autonomousSystemOf({ network }: Peer) {
  return network && filled({ number: integer(network.asn), name: network.asnOrg });
}

/** One end of a connection, if anything says which. */
export function endpointOf(peer: Peer | undefined, uid?: string) {
  const names = peer && {
    uid,
    ip: peer.ip,
    domain: peer.domain,
    instance_uid: peer.instanceId,
    interface_uid: peer.interfaceId,
  };
  if (!peer || !names || !filled(names)) return undefined;
  return {
    ...names,
    port: peer.port,
    subnet_uid: peer.subnetId,
    vpc_uid: peer.vpcId,
    location: locationOf(peer),
    autonomous_system: autonomousSystemOf(peer),
    isp: peer.network?.isp,
    isp_org: peer.network?.org,
  };
}
