import { z } from 'zod';

import { type ChannelDeps, channelIdentity, type Pinger } from '../channel.ts';
import {
  addressOption,
  CLEAR_TEXT,
  createHttpSender,
  httpFields,
  isAddressAllowed,
} from '../http-channel.ts';

export const heartbeatUrlOptions = channelIdentity
  .extend({
    type: z
      .literal('heartbeat-url')
      .describe('A dead-man’s switch: whoever is pinged alarms when pings stop'),
    url: addressOption.describe('What is pinged, or a secret reference to it'),
    method: z.enum(['GET', 'POST']).default('POST').describe('How it is pinged'),
    everySeconds: z.int().min(10).max(3_600).default(60).describe('Time between two pings'),
    pingWhile: z
      .enum(['agent', 'all'])
      .default('agent')
      .describe('agent: while the agent itself works; all: only while nothing at all is broken'),
    ...httpFields,
  })
  .refine(isAddressAllowed, CLEAR_TEXT);

type HeartbeatUrlOptions = z.infer<typeof heartbeatUrlOptions>;

export function createHeartbeatUrl(options: HeartbeatUrlOptions, deps: ChannelDeps): Pinger {
  const { id, method } = options;
  const { send, close } = createHttpSender<void>(
    options,
    { request: (_, { url }) => ({ url, method, headers: { 'user-agent': `guardrelay ${deps.agentId}` } }) },
    deps,
  );
  return { id, ping: (signal) => send(undefined, signal), close };
}
