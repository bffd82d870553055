import { z } from 'zod';

import table from './regions.json' with { type: 'json' };

const partition = z.enum([
  'aws',
  'aws-cn',
  'aws-us-gov',
  'aws-eusc',
  'aws-iso',
  'aws-iso-b',
  'aws-iso-e',
  'aws-iso-f',
]);

const regionRow = z.strictObject({
  region: z.string(),
  name: z.string(),
  partition,
  dnsSuffix: z.string(),
  optIn: z.boolean(),
  guardduty: z.boolean(),
  logs: z.boolean(),
  events: z.boolean(),
  cloudformation: z.boolean(),
  filterLogEventsTps: z.literal([5, 10, 25]),
  fips: z.partialRecord(z.enum(['logs', 'events', 'cloudformation', 'guardduty', 'sts']), z.string()),
});

export type Partition = z.infer<typeof partition>;
/** One region as guardrelay ships it: what is offered there, and how often its logs may be read. */
export type RegionRow = Readonly<z.infer<typeof regionRow>>;

export const REGIONS: readonly RegionRow[] = z.array(regionRow).parse(table);

const BY_NAME: ReadonlyMap<string, RegionRow> = new Map(REGIONS.map((row) => [row.region, row]));

/** Always-on regions whose STS tokens are valid in every region of the partition. */
const HOME_REGIONS: Readonly<Record<Partition, string>> = {
  aws: 'us-east-1',
  'aws-cn': 'cn-north-1',
  'aws-us-gov': 'us-gov-west-1',
  'aws-eusc': 'eusc-de-east-1',
  'aws-iso': 'us-iso-east-1',
  'aws-iso-b': 'us-isob-east-1',
  'aws-iso-e': 'eu-isoe-west-1',
  'aws-iso-f': 'us-isof-south-1',
};

export function findRegion(region: string): RegionRow | undefined {
  return BY_NAME.get(region);
}

export function isPartition(name: string): name is Partition {
  return Object.hasOwn(HOME_REGIONS, name);
}

/** Where a partition's global questions are asked: AssumeRole and ListRegions. */
export function homeRegion(name: Partition): string {
  return HOME_REGIONS[name];
}

/** The regions of a partition in which a GuardDuty finding can reach a log group. */
export function guardDutyRegions(name: Partition): readonly RegionRow[] {
  return REGIONS.filter((row) => row.partition === name && row.guardduty && row.logs && row.events);
}
