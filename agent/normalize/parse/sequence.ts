import type { Sequence, Signal } from '../../model/attack.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Endpoint } from '../../model/peer.ts';
import { integerOf, numberOf, objectOf, objectsOf, textOf, textsOf } from '../lenient.ts';
import { filled, present } from '../present.ts';
import { ms } from '../time.ts';
import { sequenceActor } from './actor.ts';
import { addressOf, asnOf, ipOf, portOf } from './address.ts';
import { indicatorsOf, isAttackIndicator } from './attacks.ts';
import { directionOf } from './ends.ts';
import { locationOf } from './peer.ts';

function signalOf(signal: JsonObject): Signal {
  return {
    ...present({
      uid: textOf(signal.uid),
      type: textOf(signal.type),
      name: textOf(signal.name),
      description: textOf(signal.description),
      severity: numberOf(signal.severity),
      count: integerOf(signal.count),
      created: ms(signal.createdAt),
      updated: ms(signal.updatedAt),
      firstSeen: ms(signal.firstSeenAt),
      lastSeen: ms(signal.lastSeenAt),
    }),
    resourceUids: textsOf(signal.resourceUids),
    actorIds: textsOf(signal.actorIds),
    endpointIds: textsOf(signal.endpointIds),
    indicators: indicatorsOf(signal.signalIndicators),
  };
}

function endpointOf(endpoint: JsonObject): Endpoint {
  const { city, country, lat, lon } = objectOf(endpoint.location);
  const { number, name } = objectOf(endpoint.autonomousSystem);
  return present({
    id: textOf(endpoint.id),
    ...addressOf(ipOf(endpoint.ip)),
    domain: textOf(endpoint.domain),
    port: portOf(endpoint.port),
    location: locationOf({ country, city, latitude: lat, longitude: lon }),
    network: filled(present({ asn: asnOf(number), asnOrg: textOf(name) })),
    direction: directionOf(objectOf(endpoint.connection).direction),
  });
}

/** `service.detection.sequence`. */
export function sequenceOf(sequence: JsonObject): Sequence | undefined {
  if (!filled(sequence)) return undefined;
  return {
    ...present({ uid: textOf(sequence.uid), description: textOf(sequence.description) }),
    signals: objectsOf(sequence.signals).map(signalOf),
    actors: objectsOf(sequence.actors).map(sequenceActor),
    endpoints: objectsOf(sequence.endpoints).map(endpointOf),
    indicators: indicatorsOf(sequence.sequenceIndicators).filter((one) => !isAttackIndicator(one)),
    additionalTypes: textsOf(sequence.additionalSequenceTypes),
  };
}
