import type { Finding } from '../../model/finding.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Cluster, Container, Database, Instance, Workload } from '../../model/resource.ts';
import { objectOf, objectsOf, textOf } from '../lenient.ts';
import { filled, present } from '../present.ts';
import { ipsOf } from './address.ts';
import { instanceArn, type Place } from './place.ts';

type Surroundings = Pick<Finding, 'instance' | 'cluster' | 'workload' | 'container' | 'database'>;

function instanceIps(interfaces: readonly JsonObject[]): readonly string[] {
  const own = interfaces.flatMap(({ privateIpAddress, ipv6Addresses }) => [
    ...ipsOf(privateIpAddress),
    ...ipsOf(ipv6Addresses),
  ]);
  const outside = interfaces.flatMap(({ publicIp }) => ipsOf(publicIp));
  return [...new Set([...own, ...outside])];
}

function instanceOf(details: JsonObject, place: Place): Instance | undefined {
  const id = textOf(details.instanceId);
  const interfaces = objectsOf(details.networkInterfaces);
  const known = present({
    id,
    arn: id === undefined ? undefined : instanceArn(place, id),
    type: textOf(details.instanceType),
    zone: textOf(details.availabilityZone),
    platform: textOf(details.platform),
    imageId: textOf(details.imageId),
    hostname: textOf(interfaces[0]?.privateDnsName),
  });
  const ips = instanceIps(interfaces);
  return filled(known) || ips.length > 0 ? { ...known, ips } : undefined;
}

function clusterOf({ eksClusterDetails, ecsClusterDetails }: JsonObject): Cluster | undefined {
  const eks = objectOf(eksClusterDetails);
  const ecs = objectOf(ecsClusterDetails);
  const [kind, { arn, name }] = filled(eks) ? (['eks', eks] as const) : (['ecs', ecs] as const);
  const known = filled(present({ arn: textOf(arn), name: textOf(name) }));
  return known && { kind, ...known };
}

function workloadOf(details: JsonObject): Workload | undefined {
  return filled(
    present({
      name: textOf(details.name),
      type: textOf(details.type),
      uid: textOf(details.uid),
      namespace: textOf(details.namespace),
      serviceAccount: textOf(details.serviceAccountName),
    }),
  );
}

function containerOf(details: JsonObject): Container | undefined {
  const { id, name, containerRuntime, image } = details;
  return filled(
    present({
      id: textOf(id),
      name: textOf(name),
      runtime: textOf(containerRuntime),
      image: textOf(image),
    }),
  );
}

/** The container itself, else the first one of the task or workload. */
function containerIn(resource: JsonObject, workload: JsonObject): Container | undefined {
  const { taskDetails } = objectOf(resource.ecsClusterDetails);
  const [ofTask] = objectsOf(objectOf(taskDetails).containers);
  const [ofWorkload] = objectsOf(workload.containers);
  return containerOf(filled(objectOf(resource.containerDetails)) ?? ofTask ?? ofWorkload ?? {});
}

function databaseOf(resource: JsonObject): Database | undefined {
  const instance = objectOf(resource.rdsDbInstanceDetails);
  const limitless = objectOf(resource.rdsLimitlessDbDetails);
  return filled(
    present({
      name:
        textOf(objectOf(resource.rdsDbUserDetails).database) ??
        textOf(instance.dbInstanceIdentifier) ??
        textOf(limitless.dbShardGroupIdentifier),
      uid: textOf(instance.dbInstanceArn) ?? textOf(limitless.dbShardGroupArn),
      engine: textOf(instance.engine) ?? textOf(limitless.engine),
      engineVersion: textOf(instance.engineVersion) ?? textOf(limitless.engineVersion),
    }),
  );
}

/** What the formats have own fields for, of all that a finding is about. */
export function surroundingsOf(resource: JsonObject, place: Place): Surroundings {
  const workload = objectOf(objectOf(resource.kubernetesDetails).kubernetesWorkloadDetails);
  return present({
    instance: instanceOf(objectOf(resource.instanceDetails), place),
    cluster: clusterOf(resource),
    workload: workloadOf(workload),
    container: containerIn(resource, workload),
    database: databaseOf(resource),
  });
}
