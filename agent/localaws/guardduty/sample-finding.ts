import type { JsonObject } from '../../model/json.ts';
import type { Place } from '../service.ts';

/** What a finding is about and what was seen, by the resource part of its type. */
interface Scene {
  readonly resource: JsonObject;
  readonly service: JsonObject;
}

const REMOTE = {
  ipAddressV4: '198.51.100.7',
  organization: {
    asn: '64496',
    asnOrg: 'GeneratedFindingASNOrg',
    isp: 'GeneratedFindingISP',
    org: 'GeneratedFindingOrg',
  },
  country: { countryName: 'GeneratedFindingCountryName' },
  city: { cityName: 'GeneratedFindingCityName' },
  geoLocation: { lat: 0, lon: 0 },
};

const INSTANCE = {
  resourceType: 'Instance',
  instanceDetails: {
    instanceId: 'i-99999999',
    instanceType: 'm3.xlarge',
    launchTime: '2016-08-02T02:05:06.000Z',
    imageId: 'ami-99999999',
    networkInterfaces: [
      {
        networkInterfaceId: 'eni-bfcffe88',
        privateIpAddress: '10.0.0.1',
        publicIp: '198.51.100.0',
        vpcId: 'vpc-9999999',
      },
    ],
    tags: [{ key: 'GeneratedFindingInstanceTag1', value: 'GeneratedFindingInstanceValue1' }],
  },
};

const NETWORK = {
  actionType: 'NETWORK_CONNECTION',
  networkConnectionAction: {
    connectionDirection: 'OUTBOUND',
    protocol: 'TCP',
    blocked: false,
    localPortDetails: { port: 39677, portName: 'Unknown' },
    remotePortDetails: { port: 22, portName: 'SSH' },
    remoteIpDetails: REMOTE,
  },
};

function apiCall(api: string, serviceName: string): JsonObject {
  return {
    actionType: 'AWS_API_CALL',
    awsApiCallAction: {
      api,
      serviceName,
      callerType: 'Remote IP',
      remoteIpDetails: REMOTE,
      affectedResources: {},
    },
  };
}

const SCENES: Readonly<Record<string, Scene>> = {
  EC2: { resource: INSTANCE, service: { action: NETWORK, resourceRole: 'TARGET' } },
  IAMUser: {
    resource: {
      resourceType: 'AccessKey',
      accessKeyDetails: {
        accessKeyId: 'GeneratedFindingAccessKeyId',
        principalId: 'GeneratedFindingPrincipalId',
        userType: 'IAMUser',
        userName: 'GeneratedFindingUserName',
      },
    },
    service: { action: apiCall('GeneratedFindingAPIName', 'iam.amazonaws.com'), resourceRole: 'TARGET' },
  },
  S3: {
    resource: {
      resourceType: 'S3Bucket',
      s3BucketDetails: [
        {
          arn: 'arn:aws:s3:::bucketName',
          name: 'bucketName',
          type: 'Destination',
          owner: { id: 'CanonicalId of Owner' },
        },
      ],
    },
    service: { action: apiCall('GeneratedFindingAPIName', 's3.amazonaws.com'), resourceRole: 'TARGET' },
  },
  Kubernetes: {
    resource: {
      resourceType: 'EKSCluster',
      eksClusterDetails: {
        name: 'GeneratedFindingEKSClusterName',
        status: 'ACTIVE',
        vpcId: 'GeneratedFindingVPCId',
      },
      kubernetesDetails: {
        kubernetesUserDetails: {
          username: 'GeneratedFindingUserName',
          groups: ['GeneratedFindingUserGroup'],
        },
      },
    },
    service: {
      action: {
        actionType: 'KUBERNETES_API_CALL',
        kubernetesApiCallAction: {
          requestUri: 'GeneratedFindingRequestURI',
          verb: 'create',
          sourceIPs: ['198.51.100.7'],
          statusCode: 201,
        },
      },
      resourceRole: 'TARGET',
    },
  },
  Runtime: {
    resource: INSTANCE,
    service: {
      resourceRole: 'TARGET',
      runtimeDetails: {
        process: {
          name: 'GeneratedFindingProcessName',
          executablePath: '/tmp/GeneratedFindingProcess',
          pid: 99_999,
          user: 'root',
        },
      },
    },
  },
  RDS: {
    resource: {
      resourceType: 'RDSDBInstance',
      rdsDbInstanceDetails: { dbInstanceIdentifier: 'GeneratedFindingDBInstanceId', engine: 'Aurora MySQL' },
      rdsDbUserDetails: { user: 'GeneratedFindingDBUserName', database: 'GeneratedFindingDatabase' },
    },
    service: {
      action: { actionType: 'RDS_LOGIN_ATTEMPT', rdsLoginAttemptAction: { remoteIpDetails: REMOTE } },
      resourceRole: 'TARGET',
    },
  },
  Lambda: {
    resource: {
      resourceType: 'Lambda',
      lambdaDetails: { functionName: 'GeneratedFindingLambdaFunctionName', functionVersion: '$LATEST' },
    },
    service: { action: NETWORK, resourceRole: 'TARGET' },
  },
};

/** One type of each kind of resource, with its default severity; any other type is `Medium`. */
const SEVERITIES: ReadonlyMap<string, number> = new Map([
  ['UnauthorizedAccess:EC2/TorClient', 8],
  ['Recon:EC2/PortProbeUnprotectedPort', 2],
  ['UnauthorizedAccess:IAMUser/ConsoleLoginSuccess.B', 5],
  ['Policy:S3/BucketBlockPublicAccessDisabled', 2],
  ['Execution:Kubernetes/ExecInKubeSystemPod', 5],
  ['Execution:Runtime/NewBinaryExecuted', 5],
  ['CredentialAccess:RDS/AnomalousBehavior.SuccessfulBruteForce', 8],
  ['CryptoCurrency:Lambda/BitcoinTool.B', 8],
]);
const OTHER_SEVERITY = 5;

/** What CreateSampleFindings makes when it is given no types. AWS makes one of every type. */
export const SAMPLE_TYPES: readonly string[] = [...SEVERITIES.keys()];

/** A finding as GuardDuty writes it: one shape in events and in GetFindings. */
export interface FindingDetail extends JsonObject {
  readonly id: string;
  readonly accountId: string;
  readonly type: string;
}

export interface SampleOptions {
  readonly type: string;
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly detectorId: string;
  /** Epoch ms. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly count: number;
}

/** A sample finding, or undefined for a type of a resource that GuardDuty does not know. */
export function sampleFinding(place: Place, options: SampleOptions): FindingDetail | undefined {
  const { type, id, detectorId, count } = options;
  const scene = SCENES[/^\w+:(?<resource>\w+)\/./.exec(type)?.groups?.resource ?? ''];
  if (!scene) return undefined;
  const [createdAt, updatedAt] = [options.firstSeen, options.lastSeen].map((ms) =>
    new Date(ms).toISOString(),
  );
  return {
    schemaVersion: '2.0',
    accountId: place.account,
    region: place.region,
    partition: place.partition,
    id,
    arn: `arn:${place.partition}:guardduty:${place.region}:${place.account}:detector/${detectorId}/finding/${id}`,
    type,
    resource: scene.resource,
    service: {
      serviceName: 'guardduty',
      detectorId,
      ...scene.service,
      additionalInfo: { value: '{"sample":true}', type: 'default', sample: true },
      eventFirstSeen: createdAt,
      eventLastSeen: updatedAt,
      archived: false,
      count,
    },
    severity: SEVERITIES.get(type) ?? OTHER_SEVERITY,
    createdAt,
    updatedAt,
    title: `[SAMPLE] ${type} was seen.`,
    description: `[SAMPLE] This finding shows what ${type} looks like.`,
  };
}
