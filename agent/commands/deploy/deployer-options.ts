import type { Options } from 'yargs';

import { endpointUrlOption, yesOption } from '../global-options.ts';
import { spanOf } from '../instant.ts';

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
  timeout: {
    type: 'string',
    requiresArg: true,
    coerce: (text: string): number => spanOf('timeout', text),
    describe: 'Give up waiting after this: 90s, 30m, 2h (exit code 6); what has begun goes on in AWS',
  },
  progress: {
    choices: ['bar', 'events', 'none'],
    describe: 'A bar (default on a terminal outside CI), a line for each change, or nothing',
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
      'Also make the reader role in every account that is read, for this relay: ARN of its role or user',
  },
} as const satisfies Record<string, Options>;

/** Which part of the customers' regions plan, deploy and update look at. */
export const selectionOptions = {
  account: { type: 'string', requiresArg: true, describe: 'Only this account' },
  region: {
    type: 'string',
    requiresArg: true,
    describe: 'Only these regions: a name or a pattern such as eu-*',
  },
} as const satisfies Record<string, Options>;

/** How deploy and update go on once AWS works. */
export const waitingOptions = {
  detach: {
    type: 'boolean',
    default: false,
    describe: 'Begin, say how to go on, and do not wait; the next run waits and does the rest',
  },
  'wait-healthy': {
    type: 'boolean',
    describe:
      'Prove by a heartbeat that each source works: also what was up to date, and where it cannot be read from here that is an error; =false: prove nothing',
  },
} as const satisfies Record<string, Options>;
