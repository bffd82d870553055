import type { Finding } from '../../model/finding.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Direction, Peer, Probe } from '../../model/peer.ts';
import { objectsOf } from '../lenient.ts';
import { filled, present } from '../present.ts';
import { addressOf, ipsOf } from './address.ts';
import { localPeer, remotePeer } from './peer.ts';

/** Who connected to whom. */
export type Ends = Pick<Finding, 'direction' | 'remote' | 'local' | 'source' | 'destination' | 'probes'>;

/** What decides about the ends beside the action itself. */
export interface Scene {
  readonly instance: JsonObject;
  readonly resourceRole: unknown;
}

/** `INBOUND` or `OUTBOUND`; GuardDuty itself says `UNKNOWN` where it does not know. */
export function directionOf(value: unknown): Direction | undefined {
  return value === 'INBOUND' || value === 'OUTBOUND' || value === 'UNKNOWN' ? value : undefined;
}

/** An actor makes connections, a target gets them. */
function isOutbound(direction: Direction | undefined, resourceRole: unknown): boolean {
  if (direction === 'INBOUND' || direction === 'OUTBOUND') return direction === 'OUTBOUND';
  return resourceRole === 'ACTOR';
}

/** The end that began, and the other one; an end of which nothing is known is absent. */
function ordered(from: Peer, to: Peer): Pick<Finding, 'source' | 'destination'> {
  return present({ source: filled(from), destination: filled(to) });
}

/** The instance began what goes out; whatever is known of the direction decides. */
export function networkEnds(action: JsonObject, { instance, resourceRole }: Scene): Ends {
  const direction = directionOf(action.connectionDirection);
  const remote = remotePeer(action.remoteIpDetails, action.remotePortDetails);
  const local = localPeer(instance, {
    ip: action.localIpDetails,
    port: action.localPortDetails,
    interfaceId: action.localNetworkInterface,
  });
  const [from, to] = isOutbound(direction, resourceRole) ? [local, remote] : [remote, local];
  return { ...present({ direction }), remote, local, ...ordered(from, to), probes: [] };
}

function probeOf(entry: JsonObject, instance: JsonObject): Probe {
  return {
    remote: remotePeer(entry.remoteIpDetails),
    local: localPeer(instance, { ip: entry.localIpDetails, port: entry.localPortDetails }),
  };
}

/** Everyone who probes is a source; each port is an entry of its own. */
export function probeEnds(action: JsonObject, { instance }: Scene): Ends {
  const probes = objectsOf(action.portProbeDetails).map((entry) => probeOf(entry, instance));
  const { remote, local } = probes[0] ?? { remote: {}, local: {} };
  return { remote, local, ...ordered(remote, local), probes };
}

/** A call comes from somewhere and goes to AWS, to the API of a cluster, to a database. */
export function callEnds(call: JsonObject): Ends {
  const told = remotePeer(call.remoteIpDetails);
  const [sourceIp] = ipsOf(call.sourceIPs ?? call.sourceIps);
  const remote = told.ip === undefined ? { ...told, ...addressOf(sourceIp) } : told;
  return { remote, local: {}, ...ordered(remote, {}), probes: [] };
}

/** An instance looks a name up; who answers is not told. */
export function lookUpEnds(_request: JsonObject, { instance }: Scene): Ends {
  const local = localPeer(instance, {});
  return { remote: {}, local, ...ordered(local, {}), probes: [] };
}

export const NOWHERE: Ends = { remote: {}, local: {}, probes: [] };
