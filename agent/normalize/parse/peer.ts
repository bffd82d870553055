import type { JsonObject } from '../../model/json.ts';
import type { Location, Network, Peer } from '../../model/peer.ts';
import { numberOf, objectOf, objectsOf, textOf } from '../lenient.ts';
import { filled, present } from '../present.ts';
import { addressOf, asnOf, ipOf, ipsOf, portOf } from './address.ts';

interface Place {
  readonly country: unknown;
  readonly countryCode?: unknown;
  readonly city: unknown;
  readonly latitude: unknown;
  readonly longitude: unknown;
}

/** Samples carry the coordinates 0,0 and no place: these are none. */
export function locationOf(place: Place): Location | undefined {
  const names = present({
    country: textOf(place.country),
    countryCode: textOf(place.countryCode),
    city: textOf(place.city),
  });
  if (!filled(names)) return undefined;
  const coordinates = { latitude: numberOf(place.latitude), longitude: numberOf(place.longitude) };
  return { ...names, ...present(coordinates) };
}

function remoteLocation({ country, city, geoLocation }: JsonObject): Location | undefined {
  const { countryName, countryCode } = objectOf(country);
  const { lat, lon } = objectOf(geoLocation);
  return locationOf({
    country: countryName,
    countryCode,
    city: objectOf(city).cityName,
    latitude: lat,
    longitude: lon,
  });
}

function networkOf({ asn, asnOrg, isp, org }: JsonObject): Network | undefined {
  const network = { asn: asnOf(asn), asnOrg: textOf(asnOrg), isp: textOf(isp), org: textOf(org) };
  return filled(present(network));
}

/** The far end: `remoteIpDetails` and, if there are any, `remotePortDetails`. */
export function remotePeer(ipDetails: unknown, portDetails?: unknown): Peer {
  const details = objectOf(ipDetails);
  const { port, portName } = objectOf(portDetails);
  return present({
    ...addressOf(ipOf(details.ipAddressV4) ?? ipOf(details.ipAddressV6)),
    port: portOf(port),
    portName: textOf(portName),
    location: remoteLocation(details),
    network: networkOf(objectOf(details.organization)),
  });
}

/** What an action says of the near end. */
interface LocalDetails {
  readonly ip?: unknown;
  readonly port?: unknown;
  readonly interfaceId?: unknown;
}

function interfaceOf(instance: JsonObject, id: unknown): JsonObject {
  const interfaces = objectsOf(instance.networkInterfaces);
  return interfaces.find(({ networkInterfaceId }) => networkInterfaceId === id) ?? interfaces[0] ?? {};
}

/** The near end: what the action says of it, else what is known of the instance. */
export function localPeer(instance: JsonObject, told: LocalDetails): Peer {
  const { ipAddressV4, ipAddressV6 } = objectOf(told.ip);
  const { port, portName } = objectOf(told.port);
  const { privateIpAddress, ipv6Addresses, ...known } = interfaceOf(instance, told.interfaceId);
  const ip = ipOf(ipAddressV4) ?? ipOf(ipAddressV6) ?? ipOf(privateIpAddress) ?? ipsOf(ipv6Addresses)[0];
  return present({
    ...addressOf(ip),
    port: portOf(port),
    portName: textOf(portName),
    instanceId: textOf(instance.instanceId),
    interfaceId: textOf(told.interfaceId) ?? textOf(known.networkInterfaceId),
    subnetId: textOf(known.subnetId),
    vpcId: textOf(known.vpcId),
  });
}
