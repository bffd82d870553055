import type { Options } from 'yargs';

import { endpointUrlOption, yesOption } from './global-options.ts';

function positiveSeconds(seconds: number): number {
  if (seconds > 0) return seconds;
  throw new Error('--poll-seconds must be a number above 0');
}

/** What deploy and destroy understand beside the global options. */
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
