import { readFileSync } from 'node:fs';

import { isJsonObject, type JsonObject, type JsonValue } from '../../agent/model/json.ts';
import { wholeFinding } from './finding-shape.ts';
import { plausible } from './finding-values.ts';

const TYPES = new URL('../fixtures/guardduty/finding-types.tsv', import.meta.url);

/** One kind of finding: which parts of a whole one it has. */
export interface FindingKind {
  readonly name: string;
  readonly type: string;
  readonly resourceType: string;
  readonly resource: readonly string[];
  /** Absent: no action at all. */
  readonly action?: readonly [actionType: string, member: string];
  readonly service: readonly string[];
}

const NETWORK = ['NETWORK_CONNECTION', 'networkConnectionAction'] as const;
const AWS_CALL = ['AWS_API_CALL', 'awsApiCallAction'] as const;
const K8S_CALL = ['KUBERNETES_API_CALL', 'kubernetesApiCallAction'] as const;
const LOGIN = ['RDS_LOGIN_ATTEMPT', 'rdsLoginAttemptAction'] as const;

const EKS_WORKLOAD = ['eksClusterDetails', 'kubernetesDetails'];
const RUNTIME = ['instanceDetails', 'containerDetails', ...EKS_WORKLOAD];

function malware(name: string, type: string, resourceType: string, member: string): FindingKind {
  return { name, type, resourceType, resource: [member], service: ['malwareScanDetails'] };
}

function sequence(type: string): FindingKind {
  return { name: type, type, resourceType: 'AttackSequence', resource: [], service: ['detection'] };
}

/** A kind for each group of types, also those of which no sample is public. */
export const FINDING_KINDS: readonly FindingKind[] = [
  {
    name: 'EC2',
    type: 'Backdoor:EC2/C&CActivity.B',
    resourceType: 'Instance',
    resource: ['instanceDetails'],
    action: NETWORK,
    service: ['evidence', 'additionalInfo'],
  },
  {
    name: 'DNS',
    type: 'Trojan:EC2/DNSDataExfiltration',
    resourceType: 'Instance',
    resource: ['instanceDetails'],
    action: ['DNS_REQUEST', 'dnsRequestAction'],
    service: ['evidence'],
  },
  {
    name: 'port probe',
    type: 'Recon:EC2/PortProbeUnprotectedPort',
    resourceType: 'Instance',
    resource: ['instanceDetails'],
    action: ['PORT_PROBE', 'portProbeAction'],
    service: [],
  },
  {
    name: 'IAMUser',
    type: 'Discovery:IAMUser/AnomalousBehavior',
    resourceType: 'AccessKey',
    resource: ['accessKeyDetails'],
    action: AWS_CALL,
    service: ['detection', 'additionalInfo'],
  },
  {
    name: 'S3',
    type: 'Discovery:S3/TorIPCaller',
    resourceType: 'S3Bucket',
    resource: ['accessKeyDetails', 's3BucketDetails'],
    action: AWS_CALL,
    service: ['evidence'],
  },
  {
    name: 'Kubernetes',
    type: 'Execution:Kubernetes/ExecInKubeSystemPod',
    resourceType: 'EKSCluster',
    resource: ['accessKeyDetails', ...EKS_WORKLOAD],
    action: K8S_CALL,
    service: [],
  },
  {
    name: 'Lambda',
    type: 'CryptoCurrency:Lambda/BitcoinTool.B',
    resourceType: 'Lambda',
    resource: ['lambdaDetails'],
    action: NETWORK,
    service: [],
  },
  {
    ...{
      name: 'RDS',
      type: 'CredentialAccess:RDS/AnomalousBehavior.FailedLogin',
      resourceType: 'RDSDBInstance',
    },
    resource: ['rdsDbInstanceDetails', 'rdsDbUserDetails'],
    action: LOGIN,
    service: [],
  },
  {
    name: 'RDS Limitless',
    type: 'CredentialAccess:RDS/AnomalousBehavior.SuccessfulLogin',
    resourceType: 'RDSLimitlessDB',
    resource: ['rdsLimitlessDbDetails', 'rdsDbUserDetails'],
    action: LOGIN,
    service: [],
  },
  {
    name: 'Runtime',
    type: 'Execution:Runtime/NewBinaryExecuted',
    resourceType: 'EKSCluster',
    resource: RUNTIME,
    service: ['runtimeDetails'],
  },
  {
    name: 'ECS',
    type: 'Execution:ECS/MaliciousFile',
    resourceType: 'ECSCluster',
    resource: ['ecsClusterDetails', 'ebsVolumeDetails'],
    service: ['ebsVolumeScanDetails'],
  },
  {
    name: 'Container',
    type: 'Execution:Container/MaliciousFile',
    resourceType: 'Container',
    resource: ['containerDetails', 'ebsVolumeDetails'],
    service: ['ebsVolumeScanDetails'],
  },
  {
    name: 'Bedrock',
    type: 'Impact:IAMUser/BedrockGuardrail',
    resourceType: 'AccessKey',
    resource: ['accessKeyDetails', 'bedrockGuardrailDetails', 'modelDetails'],
    action: AWS_CALL,
    service: [],
  },
  malware('object malware', 'Object:S3/MaliciousFile', 'S3Object', 's3BucketDetails'),
  malware('snapshot malware', 'Execution:EC2/MaliciousFile!Snapshot', 'EBSSnapshot', 'ebsSnapshotDetails'),
  malware('image malware', 'Execution:EC2/MaliciousFile!AMI', 'EC2Image', 'ec2ImageDetails'),
  malware(
    'backup malware',
    'Execution:EC2/MaliciousFile!RecoveryPoint',
    'RecoveryPoint',
    'recoveryPointDetails',
  ),
  sequence('AttackSequence:EC2/CompromisedInstanceGroup'),
  sequence('AttackSequence:ECS/CompromisedCluster'),
  sequence('AttackSequence:EKS/CompromisedCluster'),
  sequence('AttackSequence:IAM/CompromisedCredentials'),
  sequence('AttackSequence:S3/CompromisedData'),
];

const ALWAYS_IN_SERVICE = [
  ...['archived', 'count', 'detectorId', 'eventFirstSeen', 'eventLastSeen', 'featureName'],
  ...['resourceRole', 'serviceName', 'userFeedback'],
];

const whole = wholeFinding(plausible);

function objectAt(value: JsonValue | undefined): JsonObject {
  if (!isJsonObject(value)) throw new Error('the shape has no object here');
  return value;
}

function withMembers(value: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.map((name) => [name, value[name]]));
}

/** A finding of this kind, with everything that such a finding can hold. */
export function findingOf(kind: FindingKind, fields: JsonObject = {}): JsonObject {
  const service = objectAt(whole.service);
  const actions = objectAt(service.action);
  const [actionType, member] = kind.action ?? [];
  const action = member === undefined ? {} : { action: { actionType, [member]: actions[member] } };
  return {
    ...whole,
    type: kind.type,
    resource: { ...withMembers(objectAt(whole.resource), kind.resource), resourceType: kind.resourceType },
    service: { ...withMembers(service, [...ALWAYS_IN_SERVICE, ...kind.service]), ...action },
    ...fields,
  };
}

const SEVERITIES: Readonly<Record<string, number>> = { Critical: 9.3, High: 8, Medium: 5, Low: 2 };
const KIND_OF_RESOURCE: Readonly<Record<string, string>> = { EKS: 'Kubernetes', IAM: 'IAMUser' };

export interface TypeRow {
  readonly type: string;
  /** Purpose, resource, family, mechanism and artifact, as the table has them. */
  readonly parts: readonly string[];
  readonly severity: number;
}

/** Every type that GuardDuty has or had. */
export function findingTypes(): readonly TypeRow[] {
  const [, ...lines] = readFileSync(TYPES, 'utf8').split('\n');
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const [type = '', severity = '', , , ...parts] = line.split('\t');
      return { type, parts, severity: SEVERITIES[severity] ?? 5 };
    });
}

/** The kind whose findings are most like those of a type. */
export function kindOfType({ type, parts: [purpose, resource = ''] }: TypeRow): FindingKind {
  const name = purpose === 'AttackSequence' ? type : (KIND_OF_RESOURCE[resource] ?? resource);
  const kind = FINDING_KINDS.find((one) => one.name === name) ?? FINDING_KINDS[0];
  if (!kind) throw new Error('no kind of finding');
  return kind;
}
