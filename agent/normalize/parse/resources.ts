import type { JsonObject } from '../../model/json.ts';
import type { Resource, Tag } from '../../model/resource.ts';
import { accountOf, nameOf, objectOf, objectsOf, textOf } from '../lenient.ts';
import { present } from '../present.ts';
import { ms } from '../time.ts';
import { ipOf } from './address.ts';
import { instanceArn, type Place } from './place.ts';

type Fields = {
  readonly [Field in Exclude<keyof Resource, 'type' | 'tags' | 'detail'>]?: Resource[Field] | undefined;
};

/** How one kind of resource is read, from each object that `under` finds. */
interface ResourceKind {
  readonly type: string;
  under(resource: JsonObject): readonly JsonObject[];
  fields(detail: JsonObject, place: Place): Fields;
}

function tagsOf(tags: unknown): readonly Tag[] {
  return objectsOf(tags).flatMap(({ key, value }) => {
    const name = textOf(key);
    return name === undefined ? [] : [{ key: name, value: textOf(value) ?? '' }];
  });
}

function instanceFields(instance: JsonObject, place: Place): Fields {
  const id = textOf(instance.instanceId);
  const [first] = objectsOf(instance.networkInterfaces);
  return {
    uid: id === undefined ? undefined : instanceArn(place, id),
    name: id,
    ip: ipOf(first?.privateIpAddress),
    hostname: textOf(first?.privateDnsName),
    zone: textOf(instance.availabilityZone),
    created: ms(instance.launchTime),
  };
}

function workloadFields(workload: JsonObject): Fields {
  const { uid, name, namespace } = workload;
  return { uid: textOf(uid), name: textOf(name), namespace: textOf(namespace) };
}

function volumesUnder({ ebsVolumeDetails }: JsonObject): readonly JsonObject[] {
  const { scannedVolumeDetails, skippedVolumeDetails } = objectOf(ebsVolumeDetails);
  return [...objectsOf(scannedVolumeDetails), ...objectsOf(skippedVolumeDetails)];
}

function guardrailsUnder({ bedrockGuardrailDetails }: JsonObject): readonly JsonObject[] {
  return objectsOf(bedrockGuardrailDetails).flatMap((details) => {
    const guardrails = objectsOf(details.guardrails);
    return details.guardrailArn || guardrails.length === 0 ? [details] : guardrails;
  });
}

/** In the order in which a finding's resources are listed. */
const KINDS: readonly ResourceKind[] = [
  {
    type: 'AWS::EC2::Instance',
    under: ({ instanceDetails }) => objectsOf(instanceDetails),
    fields: instanceFields,
  },
  {
    type: 'AWS::IAM::AccessKey',
    under: ({ accessKeyDetails }) => objectsOf(accessKeyDetails),
    fields: ({ accessKeyId, userName }) => ({ uid: textOf(accessKeyId), name: textOf(userName) }),
  },
  {
    type: 'AWS::S3::Bucket',
    under: ({ s3BucketDetails }) => objectsOf(s3BucketDetails),
    fields: ({ arn, name, createdAt }) => ({ uid: textOf(arn), name: textOf(name), created: ms(createdAt) }),
  },
  {
    type: 'AWS::EKS::Cluster',
    under: ({ eksClusterDetails }) => objectsOf(eksClusterDetails),
    fields: ({ arn, name, createdAt }) => ({ uid: textOf(arn), name: textOf(name), created: ms(createdAt) }),
  },
  {
    type: 'AWS::ECS::Cluster',
    under: ({ ecsClusterDetails }) => objectsOf(ecsClusterDetails),
    fields: ({ arn, name }) => ({ uid: textOf(arn), name: textOf(name) }),
  },
  {
    type: 'Kubernetes::Workload',
    under: ({ kubernetesDetails }) => objectsOf(objectOf(kubernetesDetails).kubernetesWorkloadDetails),
    fields: workloadFields,
  },
  {
    type: 'Container',
    under: ({ containerDetails }) => objectsOf(containerDetails),
    fields: ({ id, name }) => ({ uid: textOf(id), name: textOf(name) }),
  },
  {
    type: 'AWS::Lambda::Function',
    under: ({ lambdaDetails }) => objectsOf(lambdaDetails),
    fields: ({ functionArn, functionName, lastModifiedAt }) => ({
      uid: textOf(functionArn),
      name: textOf(functionName),
      modified: ms(lastModifiedAt),
    }),
  },
  {
    type: 'AWS::RDS::DBInstance',
    under: ({ rdsDbInstanceDetails }) => objectsOf(rdsDbInstanceDetails),
    fields: ({ dbInstanceArn, dbInstanceIdentifier }) => ({
      uid: textOf(dbInstanceArn),
      name: textOf(dbInstanceIdentifier),
    }),
  },
  {
    type: 'AWS::RDS::DBShardGroup',
    under: ({ rdsLimitlessDbDetails }) => objectsOf(rdsLimitlessDbDetails),
    fields: ({ dbShardGroupArn, dbShardGroupIdentifier }) => ({
      uid: textOf(dbShardGroupArn),
      name: textOf(dbShardGroupIdentifier),
    }),
  },
  {
    type: 'AWS::EC2::Volume',
    under: volumesUnder,
    fields: ({ volumeArn }) => ({ uid: textOf(volumeArn) }),
  },
  {
    type: 'AWS::EC2::Snapshot',
    under: ({ ebsSnapshotDetails }) => objectsOf(ebsSnapshotDetails),
    fields: ({ snapshotArn }) => ({ uid: textOf(snapshotArn) }),
  },
  {
    type: 'AWS::EC2::Image',
    under: ({ ec2ImageDetails }) => objectsOf(ec2ImageDetails),
    fields: ({ imageArn }) => ({ uid: textOf(imageArn) }),
  },
  {
    type: 'AWS::Backup::RecoveryPoint',
    under: ({ recoveryPointDetails }) => objectsOf(recoveryPointDetails),
    fields: ({ recoveryPointArn }) => ({ uid: textOf(recoveryPointArn) }),
  },
  {
    type: 'AWS::Bedrock::Guardrail',
    under: guardrailsUnder,
    fields: ({ guardrailArn, arn }) => ({ uid: textOf(guardrailArn) ?? textOf(arn) }),
  },
  {
    type: 'AWS::Bedrock::Model',
    under: ({ modelDetails }) => objectsOf(modelDetails),
    fields: ({ modelId }) => ({ uid: textOf(modelId) }),
  },
];

/** A resource that has neither an id nor a name is none. */
function resourceOf(type: string, fields: Fields, detail: JsonObject): readonly Resource[] {
  if (fields.uid === undefined && fields.name === undefined) return [];
  return [{ type, ...present(fields), tags: tagsOf(detail.tags), detail }];
}

/** The parts of `resource`. */
export function resourcesOf(resource: JsonObject, place: Place): readonly Resource[] {
  return KINDS.flatMap(({ type, under, fields }) =>
    under(resource).flatMap((detail) => resourceOf(type, fields(detail, place), detail)),
  );
}

/** `resources` of an attack sequence. */
export function sequenceResources(sequence: JsonObject): readonly Resource[] {
  return objectsOf(sequence.resources).flatMap((detail) =>
    resourceOf(
      textOf(detail.resourceType) ?? 'Other',
      {
        uid: textOf(detail.uid),
        name: textOf(detail.name),
        account: accountOf(detail.accountId),
        region: nameOf(detail.region),
      },
      detail,
    ),
  );
}
