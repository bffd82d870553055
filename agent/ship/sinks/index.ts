import { z } from 'zod';

import type { Sink } from '../../model/sink.ts';
import type { SinkDeps } from '../destination.ts';
import { createSyslogSink, syslogOptions } from './syslog.ts';
import { createWebhookSink, webhookOptions } from './webhook.ts';

/** Every kind of destination. One more: its file, one line here, one line in `createSink`. */
export const destinationOptions = z.discriminatedUnion('type', [syslogOptions, webhookOptions]);

export type DestinationOptions = z.infer<typeof destinationOptions>;

export function createSink(options: DestinationOptions, deps: SinkDeps): Sink {
  switch (options.type) {
    case 'syslog':
      return createSyslogSink(options, deps);
    case 'webhook':
      return createWebhookSink(options, deps);
  }
}
