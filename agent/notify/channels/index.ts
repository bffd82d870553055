import { z } from 'zod';

import type { Channel, ChannelDeps } from '../channel.ts';
import { createWebhookChannel, webhookOptions } from './webhook.ts';

/** Every kind of channel. One more: its file, one line here, one line in `createChannel`. */
export const channelOptions = z.discriminatedUnion('type', [webhookOptions]);

export type ChannelOptions = z.infer<typeof channelOptions>;

export function createChannel(options: ChannelOptions, deps: ChannelDeps): Channel {
  switch (options.type) {
    case 'webhook':
      return createWebhookChannel(options, deps);
  }
}
