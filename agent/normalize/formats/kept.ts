/** What people search and correlate by: the last to go. Paths in a finding, in wire names. */
const FINDING = [
  'accountId',
  'arn',
  'createdAt',
  'id',
  'partition',
  'region',
  'schemaVersion',
  'severity',
  'title',
  'type',
  'updatedAt',
  'resource.resourceType',
  'resource.accessKeyDetails.accessKeyId',
  'resource.containerDetails.id',
  'resource.ebsVolumeDetails.scannedVolumeDetails.0.volumeArn',
  'resource.ecsClusterDetails.arn',
  'resource.eksClusterDetails.arn',
  'resource.instanceDetails.instanceId',
  'resource.lambdaDetails.functionArn',
  'resource.rdsDbInstanceDetails.dbInstanceArn',
  'resource.s3BucketDetails.0.arn',
  'service.archived',
  'service.count',
  'service.detectorId',
  'service.eventFirstSeen',
  'service.eventLastSeen',
  'service.serviceName',
];

const CLOUDTRAIL_RECORD = [
  'awsRegion',
  'errorCode',
  'eventID',
  'eventName',
  'eventSource',
  'eventTime',
  'recipientAccountId',
  'sourceIPAddress',
  'userIdentity.accountId',
  'userIdentity.arn',
  'userIdentity.userName',
];

const ENVELOPE = ['id', 'account', 'region', 'time', 'detail-type', 'source'];

const NOTICE = ['schema', 'at', 'action', 'key', 'code'];

/** The same path in the names of the SDKs. */
function inSdkNames(path: string): string {
  return path.replace(/(^|\.)[a-z]/g, (start) => start.toUpperCase());
}

function withParents(path: string): readonly string[] {
  const steps = path.split('.');
  return steps.slice(1).map((_, at) => steps.slice(0, at + 1).join('.'));
}

const bare = [...FINDING, ...FINDING.map(inSdkNames), ...CLOUDTRAIL_RECORD];

/** What of an object stays as long as anything does. */
export interface Keeping {
  /** Paths of the members themselves. */
  readonly paths: ReadonlySet<string>;
  /** Paths of the objects and lists around them. */
  readonly around: ReadonlySet<string>;
  /** How much of each string, tried in this order. */
  readonly stringBytes: readonly number[];
}

const STRING_BYTES = [Number.POSITIVE_INFINITY, 1000, 200];

export function keeping(paths: readonly string[], stringBytes: readonly number[] = STRING_BYTES): Keeping {
  return { paths: new Set(paths), around: new Set(paths.flatMap(withParents)), stringBytes };
}

/** Of an event as it came. */
export const KEPT_OF_EVENT = keeping([
  ...ENVELOPE,
  ...NOTICE,
  ...bare,
  ...bare.map((path) => `detail.${path}`),
]);
