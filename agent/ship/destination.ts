import { z } from 'zod';

import type { AwsIdentitySource } from '../model/aws-identity.ts';
import { FORMAT_NAMES, type Rendered } from '../model/format.ts';
import type { Logger } from '../model/logger.ts';
import type { ProxyChoice } from '../model/proxy.ts';
import type { RenderableRec } from '../model/record.ts';
import type { SecretReader } from '../model/secret.ts';
import type { ConnectDeps } from './wire/connect.ts';

const RECORD_KINDS = [
  'finding',
  'config-change',
  'guardduty-event',
  'unknown',
  'unparsed',
  'notice',
] as const satisfies readonly RenderableRec['kind'][];

/** What every destination has, whatever its type. */
export const destinationBase = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, {
      error: 'must be 1 to 63 lower-case letters, digits and hyphens, and not begin with a hyphen',
    })
    .describe('Name of the destination. It never changes: it is a part of every checkpoint'),
  format: z.enum(FORMAT_NAMES).default('raw').describe('The text that a record becomes'),
  rawData: z
    .boolean()
    .default(true)
    .describe(
      'Whether ocsf and ecs carry the original text too. Without it a record takes about half the bytes',
    ),
  filter: z
    .strictObject({
      minSeverity: z
        .number()
        .min(0)
        .max(10)
        .exactOptional()
        .describe('Findings with a smaller GuardDuty severity are left out'),
      kinds: z
        .array(z.enum(RECORD_KINDS))
        .min(1)
        .exactOptional()
        .describe('Only records of these kinds; without it every kind'),
    })
    .exactOptional()
    .describe('What this destination does not get'),
});

export interface BatchLimits {
  readonly maxRecords: number;
  readonly maxBytes: number;
  readonly maxWaitMs: number;
}

/** The `batch` block of a destination, with the defaults of its kind. */
export function batchOptions(defaults: BatchLimits) {
  return z
    .strictObject({
      maxRecords: z.int().min(1).max(10_000).default(defaults.maxRecords).describe('Records in one batch'),
      maxBytes: z
        .int()
        .min(2_048)
        .max(16_777_216)
        .default(defaults.maxBytes)
        .describe('Bytes in one batch, before compression'),
      maxWaitMs: z
        .int()
        .min(0)
        .max(60_000)
        .default(defaults.maxWaitMs)
        .describe('How long a record may wait for others to join its batch'),
    })
    .prefault({})
    .describe('When a batch is full');
}

/** What a sink is given by the composition root. */
export interface SinkDeps extends ConnectDeps {
  /** The destination's format: texts of at most `maxBytes` UTF-8 bytes each. */
  render(record: RenderableRec, maxBytes: number): Rendered;
  readonly readSecret: SecretReader;
  /** For destinations in AWS. */
  readonly awsIdentities: AwsIdentitySource;
  /** For HTTP destinations that name no proxy of their own; absent: none. */
  readonly proxyFor?: ProxyChoice | undefined;
  readonly logger: Logger;
  readonly agentId: string;
}
