/** Where a record belongs: what names of things in AWS are made of. */
export interface Place {
  readonly account: string;
  readonly adminAccount?: string;
  readonly region: string;
  readonly partition: string;
}

/** GuardDuty tells the id of an instance only. */
export function instanceArn({ partition, region, account }: Place, id: string): string {
  return `arn:${partition}:ec2:${region}:${account}:instance/${id}`;
}

const CONSOLE_DOMAINS: Readonly<Record<string, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
};

/** Nothing else may become a part of a host name. */
const REGION = /^[a-z0-9-]{1,32}$/;

/** A finding in the console of its partition, if that has one. */
export function consoleUrl({ partition, region }: Place, findingId: string): string | undefined {
  const domain = Object.hasOwn(CONSOLE_DOMAINS, partition) ? CONSOLE_DOMAINS[partition] : undefined;
  if (domain === undefined || !REGION.test(region)) return undefined;
  const id = encodeURIComponent(findingId.toWellFormed());
  const page = `https://${region}.${domain}/guardduty/home?region=${region}`;
  return `${page}#/findings?macros=current&fId=${id}`;
}

/** The detector of a finding: a part of the finding's ARN. */
export function detectorArn(place: Place, findingArn = '', detectorId = ''): string | undefined {
  const end = findingArn.indexOf('/finding/');
  if (end > 0) return findingArn.slice(0, end);
  const { partition, region, account } = place;
  return detectorId === ''
    ? undefined
    : `arn:${partition}:guardduty:${region}:${account}:detector/${detectorId}`;
}
