import type { Finding } from '../../../model/finding.ts';
import type { Container, Instance, ScannedFile } from '../../../model/resource.ts';
import { filled } from '../../present.ts';
import { distinct } from './distinct.ts';

function hostOf({ id, type, ips, hostname, platform }: Instance) {
  return filled({
    id,
    type,
    ip: distinct(ips),
    hostname,
    os: platform === undefined ? undefined : { platform },
  });
}

/** What `cloud` says of the instance beside account and region. */
export function machineOf({ instance }: Finding) {
  if (!instance) return undefined;
  const { id, type, zone } = instance;
  return {
    instance: id === undefined ? undefined : { id },
    machine: type === undefined ? undefined : { type },
    availability_zone: zone,
  };
}

function containerOf({ id, name, runtime, image }: Container) {
  return filled({ id, name, runtime, image: image === undefined ? undefined : { name: image } });
}

/** ECS means Kubernetes and its like; clusters of Amazon ECS have no fields of their own there. */
function orchestratorOf({ cluster, workload }: Finding) {
  const eks = cluster?.kind === 'eks' ? cluster : undefined;
  if (!eks && !workload) return undefined;
  return {
    type: 'kubernetes',
    cluster: eks && filled({ id: eks.arn, name: eks.name }),
    namespace: workload?.namespace,
    resource: workload && filled({ name: workload.name, type: workload.type }),
  };
}

function functionOf({ resources }: Finding) {
  const lambda = resources.find(({ type }) => type === 'AWS::Lambda::Function');
  return lambda && filled({ id: lambda.uid, name: lambda.name });
}

function fileOf({ path, name, sha256 }: ScannedFile) {
  return filled({ path, name, hash: sha256 === undefined ? undefined : { sha256 } });
}

/** What the finding is about, as far as ECS has fields for it. */
export function resourceFields(finding: Finding) {
  const { instance, container, files } = finding;
  return {
    host: instance && hostOf(instance),
    container: container && containerOf(container),
    orchestrator: orchestratorOf(finding),
    faas: functionOf(finding),
    file: files[0] && fileOf(files[0]),
  };
}
