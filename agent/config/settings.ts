import { z } from 'zod';

import { RETENTION_DAYS } from '../model/retention-days.ts';
import { hubRegionName, identifier, organizationalUnit, regionName, roleArn, roleName } from './names.ts';

/** Less cannot find an event that EventBridge delivers after its 24 hours of retries. */
const LONGEST_SWEEP_MINUTES = 25 * 60;

const minutes = z.int().min(1);
const percent = z.int().min(0).max(100);

const regions = z
  .union([z.enum(['enabled', 'all']), z.array(regionName).min(1)], {
    error: 'must be enabled, all, or a list of region names',
  })
  .describe(
    'enabled: regions that are on in the account and offer GuardDuty; all: also report regions that are off; or a list of regions',
  );

const stack = z
  .strictObject({
    mode: z
      .enum(['auto', 'stackset-self-managed', 'stackset-organizations', 'stack', 'existing'])
      .default('auto')
      .describe(
        'auto: a StackSet, or a stack where one region of one account is enough; stackset-organizations: a StackSet with the rights of AWS Organizations; existing: read a log group that somebody else made',
      ),
    name: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9-]{0,127}$/, {
        error: 'must be a letter and then letters, digits and hyphens, at most 128',
      })
      .default('guardrelay')
      .describe('Name of the stack or StackSet'),
    prefix: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,47}$/, { error: 'must be 1 to 48 letters, digits, _ and -' })
      .default('guardrelay')
      .describe('Start of the names of all rules and policies'),
    logGroup: z
      .string()
      .regex(/^[._/#A-Za-z0-9-]{1,512}\*?$/, {
        error: 'must be 1 to 512 letters, digits and . _ - / #; a * may stand at the end',
      })
      .default('/aws/events/guardrelay')
      .describe(
        'Log group that the rules write to and the agent reads; with mode existing, every group whose name begins so if it ends in *',
      ),
    retentionDays: z
      .literal(RETENTION_DAYS)
      .default(30)
      .describe('How long the log group keeps events: the longest outage of a SIEM that loses nothing'),
    logPolicyScope: z
      .enum(['account', 'logGroup'])
      .default('account')
      .describe(
        'account: EventBridge writes by one of the 10 account-level Logs resource policies of a region; logGroup: by a policy of the log group itself, where the 10 are taken',
      ),
    deadLetterQueue: z
      .boolean()
      .default(false)
      .describe('One SQS queue per region for events that EventBridge could not write'),
    homeRegion: regionName.default('us-east-1').describe('Region in which the StackSet itself lives'),
    hubRegion: z
      .exactOptional(hubRegionName)
      .describe(
        'Hub mode: the rules of all regions forward to this one, whose log group is then the only one that is read; absent: each region has its own',
      ),
    firstWave: z
      .boolean()
      .default(true)
      .describe(
        'An update of running stacks reaches one region of one account first, and the others only if it succeeded there',
      ),
    parallelRegions: z.boolean().default(true).describe('Deploy to all regions at once'),
    failureTolerancePercent: percent
      .default(100)
      .describe('Share of failed regions after which a StackSet operation stops'),
    maxConcurrentPercent: percent
      .min(1)
      .default(100)
      .describe('Share of accounts that a StackSet operation works on at once'),
    administrationRoleArn: z
      .exactOptional(roleArn)
      .describe(
        'Role that CloudFormation uses for the StackSet; absent: AWSCloudFormationStackSetAdministrationRole',
      ),
    executionRoleName: z
      .exactOptional(roleName)
      .describe(
        'Role in each account that the StackSet uses; absent: AWSCloudFormationStackSetExecutionRole',
      ),
    organizationalUnits: z
      .exactOptional(z.array(organizationalUnit).min(1))
      .describe(
        'For stackset-organizations: where the accounts are that the StackSet serves, units below included; the root means all',
      ),
    callAs: z
      .enum(['self', 'delegated-admin'])
      .default('self')
      .describe(
        'For stackset-organizations: as whom to deploy where the credentials are not of the management account',
      ),
    autoDeploy: z
      .boolean()
      .default(true)
      .describe(
        'For stackset-organizations: AWS itself makes the stacks in accounts that join the organizational units later',
      ),
    retainOnAccountRemoval: z
      .boolean()
      .default(false)
      .describe('With autoDeploy: accounts that leave the organizational units keep their stacks'),
    tags: z
      .record(z.string().min(1).max(128), z.string().max(256))
      .default({})
      .describe('Tags of everything that is deployed'),
  })
  .meta({ id: 'stack', description: 'What stands in the account' });

const collect = z
  .strictObject({
    findings: z.boolean().default(true).describe('All GuardDuty events but API calls'),
    configChanges: z
      .boolean()
      .default(true)
      .describe('GuardDuty API calls that change something; they need a CloudTrail trail'),
    objectScanResults: z
      .boolean()
      .default(false)
      .describe('One event for each S3 object that was scanned for malware, clean ones too'),
    startAt: z
      .string()
      .regex(/^(now|beginning|-\d+[smhd]|\d{4}-\d\d-\d\dT.*)$/, {
        error: 'must be now, beginning, a time such as 2026-01-31T00:00:00Z, or a span such as -24h',
      })
      .default('now')
      .describe(
        'Where the first run of a source begins: now, beginning, a time, or a span back such as -24h',
      ),
  })
  .meta({ id: 'collect', description: 'What is collected' });

const poll = z
  .strictObject({
    mode: z
      .enum(['standard', 'economy'])
      .default('standard')
      .describe('economy: a source that is not active is read every economySeconds'),
    baseSeconds: z.int().min(1).max(300).default(60).describe('Time between reads of a source'),
    activeSeconds: z
      .int()
      .min(1)
      .max(300)
      .default(15)
      .describe('The same while findings or changes arrive, or while the source is new or behind'),
    activeForMinutes: minutes.default(60).describe('How long a source counts as active'),
    economySeconds: z
      .int()
      .min(1)
      .max(300)
      .default(300)
      .describe('Time between reads of a quiet source in economy mode'),
    quotaShare: z
      .number()
      .gt(0)
      .max(0.2)
      .default(0.2)
      .describe("Share of the account's quota for reading log events, at most 0.2"),
  })
  .meta({ id: 'poll', description: 'How often sources are read' });

const sweep = z.strictObject({
  windowMinutes: minutes.describe('How late an event may be to be found'),
  everyMinutes: minutes.describe('Time between two sweeps'),
});

const late = z
  .strictObject({
    overlapMinutes: minutes
      .max(24 * 60)
      .default(15)
      .describe(
        'Read again on each poll; at least an hour where events are often more than five minutes late, and one minute of a log group that holds more than 4 MB in 49 hours',
      ),
    sweeps: z
      .array(sweep)
      .min(1)
      .default([
        { windowMinutes: 180, everyMinutes: 30 },
        { windowMinutes: 1500, everyMinutes: 360 },
      ])
      .refine(
        (sweeps) => sweeps.every((one, at) => one.windowMinutes > (sweeps[at - 1]?.windowMinutes ?? 0)),
        {
          error: 'must have windowMinutes that rise from entry to entry',
        },
      )
      .refine((sweeps) => (sweeps.at(-1)?.windowMinutes ?? 0) >= LONGEST_SWEEP_MINUTES, {
        error: `must end with windowMinutes of ${LONGEST_SWEEP_MINUTES} (25 hours) or more, because EventBridge may deliver 24 hours late`,
      })
      .describe(
        'Longer windows that are read again now and then; of a log group that holds more than 4 MB in 49 hours, at most once per window, or once a day where the window is longer',
      ),
  })
  .meta({ id: 'late', description: 'How late events are found' });

const dedupe = z
  .strictObject({
    scope: z
      .enum(['event', 'customer'])
      .default('event')
      .describe(
        'event: every log event goes out once; customer: a destination also gets only one of the copies of a finding or call that several log groups of the customer hold',
      ),
  })
  .meta({ id: 'dedupe', description: 'What counts as the same record' });

const heartbeat = z
  .strictObject({
    mode: z
      .enum(['rule', 'off'])
      .default('rule')
      .describe('rule: a scheduled rule in the stack proves the path while GuardDuty is quiet'),
    everyMinutes: z.literal([1, 5, 10, 15]).default(5).describe('Time between two heartbeats'),
    canary: z
      .strictObject({
        enabled: z
          .boolean()
          .default(true)
          .describe(
            'Put an event of our own now and then, which the findings rule must pass on; not with mode existing',
          ),
        everyHours: z.int().min(1).max(24).default(6).describe('Time between two canaries of a source'),
      })
      .prefault({})
      .describe('Proof of the findings rule, which heartbeats do not come through'),
    forward: z
      .enum(['summary', 'none'])
      .default('summary')
      .describe(
        'What a SIEM gets of the heartbeats, which are kept from it. summary: one notice for each full hour, with what came and what did not; none: nothing',
      ),
  })
  .meta({ id: 'heartbeat', description: 'Proof that silence is quiet and not broken' });

const health = z
  .strictObject({
    silentAfterMissed: z.int().min(1).default(3).describe('Missed heartbeats before a source is silent'),
    graceMinutes: z.int().min(0).default(2).describe('Added to the time of the missed heartbeats'),
    pendingMinutes: minutes.default(20).describe('How long a new source may wait for its first heartbeat'),
    readErrorMinutes: minutes.default(5).describe('Reading has failed this long: the source is failing'),
    lagSeconds: z.int().min(1).default(120).describe('Records take longer than this: the source is lagging'),
    unackedMinutes: minutes
      .default(5)
      .describe('A record waits longer for a destination that does not take it: blocked'),
    plumbingMinutes: z
      .int()
      .min(0)
      .max(1_440)
      .default(60)
      .describe('Time between two looks at detector, rules and policy of a region; 0: never'),
    expectFindingWithin: z
      .string()
      .regex(/^[1-9]\d{0,3}[hd]$/, { error: 'must be hours or days, such as 36h or 7d' })
      .exactOptional()
      .describe(
        'Of all sources together: status tells when no finding came for so long, which is no fault. Absent: nothing is expected',
      ),
    quietAfterHours: z.int().min(1).default(24).describe('No finding for so long: quiet, which is healthy'),
  })
  .meta({ id: 'health', description: 'When a source counts as unhealthy' });

/** The settings that customers inherit from `defaults` and may override key by key. */
export const settings = {
  regions: regions.default('enabled'),
  stack: stack.prefault({}),
  collect: collect.prefault({}),
  poll: poll.prefault({}),
  late: late.prefault({}),
  dedupe: dedupe.prefault({}),
  heartbeat: heartbeat.prefault({}),
  health: health.prefault({}),
  notify: z
    .exactOptional(z.array(identifier))
    .describe('Ids of the channels that are told about this customer; absent: all; []: none'),
};
