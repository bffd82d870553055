import { z } from 'zod';

import { secretReference } from '../model/secret.ts';
import { maintenance } from './maintenance.ts';
import { accountId, identifier, regionGlob } from './names.ts';
import { settings } from './settings.ts';

const assumeRole = z.strictObject({
  type: z.literal('assumeRole'),
  roleArn: z
    .string()
    .regex(/^arn:aws[a-z-]*:iam::(\d{12}|\{account\}):role\/.+$/, {
      error: 'must be the ARN of a role, such as arn:aws:iam::{account}:role/GuardRelayReader',
    })
    .describe('Role to assume; {account} stands for each account that is read'),
  externalId: secretReference.describe('Reference to the ExternalId that the role demands'),
});

const keys = z.strictObject({
  type: z.literal('keys'),
  accessKeyId: secretReference.describe('Reference to the access key id'),
  secretAccessKey: secretReference.describe('Reference to the secret access key'),
});

const profile = z.strictObject({
  type: z.literal('profile'),
  name: z.string().min(1).describe('Profile of the shared AWS configuration'),
});

const agentCredentials = z.strictObject({ type: z.literal('default') });

const auth = z
  .discriminatedUnion('type', [assumeRole, keys, profile, agentCredentials])
  .describe('Credentials that read the log groups; default: those of the agent itself');

const routeToRegions = z.strictObject({
  id: identifier.describe('Id of a destination'),
  regions: z
    .array(regionGlob)
    .min(1)
    .default(['*'])
    .describe('Only the sources in these regions: names or patterns such as eu-*'),
});

/** A bare id means all regions. */
const route = z
  .union([identifier, routeToRegions], {
    error: 'must be the id of a destination, or { id, regions }',
  })
  .transform((value) => (typeof value === 'string' ? { id: value, regions: ['*'] } : value));

export const customer = z.strictObject({
  id: identifier.describe('Never changes: the key of checkpoints and metrics'),
  name: z.exactOptional(z.string().min(1)).describe('Name for people; absent: the id'),
  tags: z
    .record(z.string(), z.string())
    .default({})
    .describe('Notes of your own; the formats json and ecs hand them on'),
  auth,
  topology: z
    .enum(['organization', 'administrator', 'standalone'])
    .default('standalone')
    .describe('Whose findings arrive in the accounts that are read: those of all members, or their own'),
  accounts: z
    .strictObject({
      collect: z.array(accountId).min(1).describe('Accounts whose log groups are read; ids in quotes'),
      file: z
        .exactOptional(z.string().min(1))
        .describe(
          'CSV file with the names of accounts, as it is uploaded to GuardDuty: Account ID,Email[,Name]; beside this file unless it begins with /',
        ),
      names: z
        .exactOptional(z.literal('organizations'))
        .describe(
          'organizations: ask AWS Organizations for the names of all accounts, at the start and once a day, with the credentials of the first account of collect; those in file come first',
        ),
    })
    .describe('AWS accounts'),
  ...settings,
  maintenance,
  destinations: z
    .array(route)
    .min(1)
    .describe('Where records go, each with its own position: an id, or { id, regions: [eu-*] }'),
});
