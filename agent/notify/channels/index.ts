import { z } from 'zod';

import type { Channel, ChannelDeps, Pinger } from '../channel.ts';
import { createHeartbeatUrl, heartbeatUrlOptions } from './heartbeat-url.ts';
import { createPagerdutyChannel, pagerdutyOptions } from './pagerduty.ts';
import { createServicenowChannel, servicenowOptions } from './servicenow.ts';
import { createSlackChannel, slackOptions } from './slack.ts';
import { createSmtpChannel, smtpOptions } from './smtp.ts';
import { createSnsChannel, snsOptions } from './sns.ts';
import { createWebhookChannel, webhookOptions } from './webhook.ts';

/** Every kind of channel. One more: its file, one line here, one line in `createChannel`. */
export const channelOptions = z.discriminatedUnion('type', [
  webhookOptions,
  slackOptions,
  pagerdutyOptions,
  servicenowOptions,
  smtpOptions,
  snsOptions,
  heartbeatUrlOptions,
]);

export type ChannelOptions = z.infer<typeof channelOptions>;
export type PingerOptions = Extract<ChannelOptions, { type: 'heartbeat-url' }>;
export type MessengerOptions = Exclude<ChannelOptions, PingerOptions>;

export function createChannel(options: MessengerOptions, deps: ChannelDeps): Channel {
  switch (options.type) {
    case 'webhook':
      return createWebhookChannel(options, deps);
    case 'slack':
      return createSlackChannel(options, deps);
    case 'pagerduty':
      return createPagerdutyChannel(options, deps);
    case 'servicenow':
      return createServicenowChannel(options, deps);
    case 'smtp':
      return createSmtpChannel(options, deps);
    case 'sns':
      return createSnsChannel(options, deps);
  }
}

export function createPinger(options: PingerOptions, deps: ChannelDeps): Pinger {
  return createHeartbeatUrl(options, deps);
}
