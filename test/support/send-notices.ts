import type { Config } from '../../agent/config/config.ts';
import { secretReader } from '../../agent/config/secret.ts';
import type { AwsIdentity } from '../../agent/model/aws-identity.ts';
import { systemClock } from '../../agent/model/clock.ts';
import type { ChannelOutcome } from '../../agent/notify/channel.ts';
import { createChannel, createPinger } from '../../agent/notify/channels/index.ts';
import { sampleEvent } from '../../agent/notify/sample.ts';

interface Sending {
  readonly config: Config;
  /** Where secrets are read from. */
  readonly env: Readonly<Record<string, string>>;
  readonly identity: AwsIdentity;
}

/** Sends a sample by every channel of a configuration, and tells what each said, by its id. */
export async function sendNotices(sending: Sending): Promise<ReadonlyMap<string, ChannelOutcome>> {
  const { config, env, identity } = sending;
  const { id: agentId } = config.agent;
  const deps = {
    ...{ clock: systemClock, readSecret: secretReader(env), agentId },
    awsIdentities: () => ({ get: async () => identity, renew() {} }),
  };
  const never = new AbortController().signal;
  const sent = config.notify.map(async (options): Promise<readonly [string, ChannelOutcome]> => {
    if (options.type === 'heartbeat-url') {
      const pinger = createPinger(options, deps);
      return [options.id, await pinger.ping(never).finally(() => pinger.close())];
    }
    const channel = createChannel(options, deps);
    const event = sampleEvent('source.silent', { agentId, at: systemClock.now(), publicUrl: undefined });
    return [options.id, await channel.send(event, never).finally(() => channel.close())];
  });
  return new Map(await Promise.all(sent));
}
