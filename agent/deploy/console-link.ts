import { findRegion, type Partition } from '../aws/regions.ts';
import type { Parameters } from './parameters.ts';

/** Hosts of the AWS console; partitions that are not here have none that is public. */
const HOSTS: Partial<Record<Partition, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
  'aws-eusc': 'console.amazonaws-eusc.eu',
};

/** A stack that somebody makes with one click in the console. */
export interface QuickCreate {
  readonly region: string;
  readonly templateUrl: string;
  readonly stackName: string;
  /** Names are case-sensitive in the link; the console ignores those that are NoEcho. */
  readonly parameters: Parameters;
}

/** The link that opens the page with all that is filled in. Undefined: the partition has no public console. */
export function quickCreateLink({
  region,
  templateUrl,
  stackName,
  parameters,
}: QuickCreate): string | undefined {
  const given = Object.entries(parameters).filter(([, value]) => value !== '');
  const fields = [
    ['templateURL', templateUrl],
    ['stackName', stackName],
    ...given.map(([name, value]) => [`param_${name}`, value]),
  ];
  const query = fields.map(([name, value = '']) => `${name}=${encodeURIComponent(value)}`).join('&');
  return consolePage(region, `stacks/create/review?${query}`);
}

/** The page on which a StackSet is made. The console fills nothing in there. */
export function stackSetPage(region: string): string | undefined {
  return consolePage(region, 'stacksets/create');
}

function consolePage(region: string, page: string): string | undefined {
  const host = HOSTS[findRegion(region)?.partition ?? 'aws'];
  return host && `https://${region}.${host}/cloudformation/home?region=${region}#/${page}`;
}
