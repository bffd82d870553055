import { GuardrelayError } from '../../agent/model/error.ts';
import type { ChannelDeps } from '../../agent/notify/channel.ts';

export const AWS_IDENTITY = {
  accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG',
  sessionToken: 'session-token-0123456789',
};

/** What a channel gets of the agent. */
export function channelDeps(
  clock: ChannelDeps['clock'],
  secrets: Readonly<Record<string, string>>,
): ChannelDeps {
  return {
    clock,
    readSecret: async (reference) => {
      const secret = secrets[reference];
      if (secret === undefined) throw missing(reference);
      return secret;
    },
    awsIdentities: () => ({
      get: async () => AWS_IDENTITY,
      renew: () => {},
    }),
    agentId: 'relay-eu-1',
  };
}

function missing(reference: string): GuardrelayError {
  return new GuardrelayError('CFG-005', `Reading the secret ${reference} failed: it is not there`, {
    exitCode: 2,
    fix: 'Give it.',
  });
}
