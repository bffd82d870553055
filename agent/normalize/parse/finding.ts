import type { User } from '../../model/actor.ts';
import type { Sequence } from '../../model/attack.ts';
import type { Band, Finding } from '../../model/finding.ts';
import type { JsonObject } from '../../model/json.ts';
import { filledObject, integerOf, numberOf, objectOf, objectsOf, textOf } from '../lenient.ts';
import { filled, present } from '../present.ts';
import { ms } from '../time.ts';
import { actionOf, type Happened } from './action.ts';
import { databaseUser, k8sUser, keyUser, processOf } from './actor.ts';
import { additionalInfoOf } from './additional-info.ts';
import { indicatorAttacks, purposeAttacks } from './attacks.ts';
import { filesOf, threatsOf } from './file.ts';
import { consoleUrl, detectorArn, type Place } from './place.ts';
import { resourcesOf, sequenceResources } from './resources.ts';
import { sequenceOf } from './sequence.ts';
import { surroundingsOf } from './surroundings.ts';
import { typeParts } from './type-name.ts';

const BANDS = [
  { from: 9, band: 'Critical' },
  { from: 7, band: 'High' },
  { from: 4, band: 'Medium' },
  { from: 1, band: 'Low' },
] as const;

function bandOf(severity: number | undefined): Band {
  if (severity === undefined) return 'Unknown';
  return BANDS.find(({ from }) => severity >= from)?.band ?? 'Informational';
}

function identityOf(detail: JsonObject, service: JsonObject) {
  return present({
    id: textOf(detail.id),
    arn: textOf(detail.arn),
    type: textOf(detail.type),
    title: textOf(detail.title),
    description: textOf(detail.description),
    schemaVersion: textOf(detail.schemaVersion),
    created: ms(detail.createdAt),
    updated: ms(detail.updatedAt),
    firstSeen: ms(service.eventFirstSeen),
    lastSeen: ms(service.eventLastSeen),
    severity: numberOf(detail.severity),
    confidence: numberOf(detail.confidence),
    count: integerOf(service.count),
    userFeedback: textOf(service.userFeedback),
    detectorId: textOf(service.detectorId),
    feature: textOf(service.featureName),
    customRule: textOf(detail.customDetectionRuleName),
    associatedSequenceArn: textOf(detail.associatedAttackSequenceArn),
  });
}

/** An attack sequence has no action: its first endpoint is the far end. */
function happenedIn(sequence: Sequence | undefined, happened: Happened): Happened {
  const [endpoint] = sequence?.endpoints ?? [];
  if (!endpoint || happened.actionType !== undefined) return happened;
  const { id: _id, direction, ...remote } = endpoint;
  const side = direction === 'OUTBOUND' ? 'destination' : 'source';
  return { ...happened, ...present({ direction, remote, [side]: filled(remote) }) };
}

/** In a call to Kubernetes its own user acts, whatever IAM key stands beside. */
function userOf(resource: JsonObject, happened: Happened, sequence: Sequence | undefined): User | undefined {
  const inCluster = k8sUser(objectOf(objectOf(resource.kubernetesDetails).kubernetesUserDetails));
  const withKey = keyUser(objectOf(resource.accessKeyDetails));
  const [first, second] =
    happened.actionType === 'KUBERNETES_API_CALL' ? [inCluster, withKey] : [withKey, inCluster];
  return (
    first ??
    second ??
    databaseUser(objectOf(resource.rdsDbUserDetails).user) ??
    databaseUser(happened.logins[0]?.user) ??
    sequence?.actors.find(({ user }) => user)?.user
  );
}

function runtimeOf(service: JsonObject): Pick<Finding, 'process' | 'runtimeContext' | 'toolName'> {
  const { process, context } = objectOf(service.runtimeDetails);
  return present({
    process: processOf(objectOf(process)),
    runtimeContext: filledObject(context),
    toolName: textOf(objectOf(context).toolName),
  });
}

/** All of a finding that a format writes, from its detail in wire names. */
export function parseFinding(detail: JsonObject, place: Place): Finding {
  const service = objectOf(detail.service);
  const resource = objectOf(detail.resource);
  const additionalInfo = additionalInfoOf(service);
  const sequenceDetail = objectOf(objectOf(service.detection).sequence);
  const sequence = sequenceOf(sequenceDetail);
  const identity = identityOf(detail, service);
  const parts = typeParts(identity.type);
  const happened = happenedIn(sequence, actionOf(service, resource, additionalInfo));
  return {
    ...identity,
    ...happened,
    ...surroundingsOf(resource, place),
    ...runtimeOf(service),
    ...present({
      parts,
      url: identity.id === undefined ? undefined : consoleUrl(place, identity.id),
      detectorArn: detectorArn(place, identity.arn, identity.detectorId),
      resourceRole: textOf(service.resourceRole),
      resourceType: textOf(resource.resourceType),
      user: userOf(resource, happened, sequence),
      sequence,
    }),
    band: bandOf(identity.severity),
    archived: service.archived === true,
    sample: additionalInfo.sample === true || identity.title?.startsWith('[SAMPLE]') === true,
    attacks: [...purposeAttacks(parts?.purpose), ...indicatorAttacks(sequenceDetail)],
    resources: [...resourcesOf(resource, place), ...sequenceResources(sequenceDetail)],
    files: filesOf(service, resource),
    threats: threatsOf(service),
    threatIntel: objectsOf(objectOf(service.evidence).threatIntelligenceDetails),
    additionalInfo,
  };
}
