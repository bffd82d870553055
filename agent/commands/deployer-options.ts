import type { Options } from 'yargs';

import { endpointUrlOption, yesOption } from './global-options.ts';

function positiveSeconds(seconds: number): number {
  if (seconds > 0) return seconds;
  throw new Error('--poll-seconds must be a number above 0');
}

/** What plan, deploy and destroy understand beside the global options. */
export const deployerOptions = {
  yes: { ...yesOption, alias: 'y' },
  'endpoint-url': endpointUrlOption,
  profile: {
    type: 'string',
    requiresArg: true,
    describe: 'Profile of the shared AWS configuration whose credentials deploy',
  },
  'poll-seconds': {
    type: 'number',
    requiresArg: true,
    default: 5,
    coerce: positiveSeconds,
    describe: 'First wait between two looks at running work; it grows to six times that',
  },
} as const satisfies Record<string, Options>;

/** What plan and deploy understand beside those. */
export const collectorOptions = {
  'role-arn': {
    type: 'string',
    requiresArg: true,
    describe: 'Role that CloudFormation works with: for a StackSet its administration role',
  },
  'reader-role': {
    type: 'string',
    requiresArg: true,
    describe:
      'Also make the reader role in the account of the credentials, for this relay: ARN of its role or user',
  },
} as const satisfies Record<string, Options>;
