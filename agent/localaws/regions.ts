interface Partition {
  readonly onByDefault: readonly string[];
  readonly optIn: readonly string[];
}

/** The regions where CloudWatch Logs, EventBridge, CloudFormation and STS are offered (botocore 1.43.107). */
const PARTITIONS: Readonly<Record<string, Partition>> = {
  aws: {
    onByDefault: [
      'ap-northeast-1',
      'ap-northeast-2',
      'ap-northeast-3',
      'ap-south-1',
      'ap-southeast-1',
      'ap-southeast-2',
      'ca-central-1',
      'eu-central-1',
      'eu-north-1',
      'eu-west-1',
      'eu-west-2',
      'eu-west-3',
      'sa-east-1',
      'us-east-1',
      'us-east-2',
      'us-west-1',
      'us-west-2',
    ],
    optIn: [
      'af-south-1',
      'ap-east-1',
      'ap-east-2',
      'ap-south-2',
      'ap-southeast-3',
      'ap-southeast-4',
      'ap-southeast-5',
      'ap-southeast-6',
      'ap-southeast-7',
      'ca-west-1',
      'eu-central-2',
      'eu-south-1',
      'eu-south-2',
      'il-central-1',
      'me-central-1',
      'me-south-1',
      'mx-central-1',
    ],
  },
  'aws-cn': { onByDefault: ['cn-north-1', 'cn-northwest-1'], optIn: [] },
  'aws-us-gov': { onByDefault: ['us-gov-east-1', 'us-gov-west-1'], optIn: [] },
  'aws-eusc': { onByDefault: ['eusc-de-east-1'], optIn: [] },
  'aws-iso': { onByDefault: ['us-iso-east-1', 'us-iso-west-1'], optIn: [] },
  'aws-iso-b': { onByDefault: ['us-isob-east-1', 'us-isob-west-1'], optIn: [] },
  'aws-iso-e': { onByDefault: ['eu-isoe-west-1'], optIn: [] },
  'aws-iso-f': { onByDefault: ['us-isof-east-1', 'us-isof-south-1'], optIn: [] },
};

/** The regions of a partition, by name; none for an unknown partition. */
export function regionsOf(partition: string): Partition {
  return PARTITIONS[partition] ?? { onByDefault: [], optIn: [] };
}

/** The partition that a region belongs to. */
export function partitionOf(region: string): string | undefined {
  return Object.keys(PARTITIONS).find((name) => {
    const { onByDefault, optIn } = regionsOf(name);
    return onByDefault.includes(region) || optIn.includes(region);
  });
}

const URL_SUFFIXES: Readonly<Record<string, string>> = {
  'aws-cn': 'amazonaws.com.cn',
  'aws-eusc': 'amazonaws.eu',
};

/** How the hosts of a partition end. */
export function urlSuffix(partition: string): string {
  return URL_SUFFIXES[partition] ?? 'amazonaws.com';
}
