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
  return filled(names) && { ...names, ...coordinatesOf(place.latitude, place.longitude) };
}

function coordinatesOf(latitude: unknown, longitude: unknown): Pick<Location, 'latitude' | 'longitude'> {
  const [north, east] = [numberOf(latitude), numberOf(longitude)];
  const areOnEarth =
    north !== undefined && east !== undefined && Math.abs(north) <= 90 && Math.abs(east) <= 180;
  return areOnEarth ? { latitude: north, longitude: east } : {};
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

/** The interface that the action names or whose address it tells, else the first one. */
function interfaceOf(instance: JsonObject, id: string | undefined, ip: string | undefined): JsonObject {
  const interfaces = objectsOf(instance.networkInterfaces);
  const named = id === undefined ? undefined : interfaces.find((one) => one.networkInterfaceId === id);
  const addressed = ip === undefined ? undefined : interfaces.find((one) => one.privateIpAddress === ip);
  return named ?? addressed ?? interfaces[0] ?? {};
}

/** The near end: what the action says of it, else what is known of the instance. */
export function localPeer(instance: JsonObject, told: LocalDetails): Peer {
  const { ipAddressV4, ipAddressV6 } = objectOf(told.ip);
  const { port, portName } = objectOf(told.port);
  const toldIp = ipOf(ipAddressV4) ?? ipOf(ipAddressV6);
  const toldId = textOf(told.interfaceId);
  const known = interfaceOf(instance, toldId, toldIp);
  return present({
    ...addressOf(toldIp ?? ipOf(known.privateIpAddress) ?? ipsOf(known.ipv6Addresses)[0]),
    port: portOf(port),
    portName: textOf(portName),
    instanceId: textOf(instance.instanceId),
    interfaceId: toldId ?? textOf(known.networkInterfaceId),
    subnetId: textOf(known.subnetId),
    vpcId: textOf(known.vpcId),
  });
}
