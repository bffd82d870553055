import { z } from 'zod';

import { createPagerdutyChannel, pagerdutyOptions } from '../../../agent/notify/channels/pagerduty.ts';
import type { WebhookRequest } from '../webhook-receiver.ts';
import type { HttpVendor, VendorAnswer } from './http-vendor.ts';

const KEY = 'abcdef0123456789abcdef0123456789';
const MAX_BYTES = 512 * 1_024;

/** https://developer.pagerduty.com/docs/send-alert-event and its PD-CEF fields */
const payload = z.strictObject({
  summary: z.string().min(1).max(1_024),
  source: z.string().min(1).max(255),
  severity: z.enum(['critical', 'error', 'warning', 'info']),
  timestamp: z.iso.datetime(),
  component: z.string().exactOptional(),
  group: z.string().exactOptional(),
  class: z.string().exactOptional(),
  custom_details: z.record(z.string(), z.string()),
});
const routingKey = z.string().length(32, "Length of 'routing_key' is incorrect (should be 32 characters)");
const dedupKey = z.string().min(1).max(255);
const pagerdutyEvent = z.discriminatedUnion('event_action', [
  z.strictObject({
    routing_key: routingKey,
    event_action: z.literal('trigger'),
    dedup_key: dedupKey,
    payload,
    client: z.string().exactOptional(),
    client_url: z.url().exactOptional(),
    links: z
      .array(z.strictObject({ href: z.url({ protocol: /^https?$/ }), text: z.string() }))
      .exactOptional(),
  }),
  z.strictObject({
    routing_key: routingKey,
    event_action: z.enum(['acknowledge', 'resolve']),
    dedup_key: dedupKey,
  }),
]);

export const pagerduty: HttpVendor = {
  name: 'pagerduty',
  secrets: { 'env:PD': KEY },
  busy: { status: 429 },
  down: { status: 500, body: 'Internal Server Error' },
  refusal: invalid(["Length of 'routing_key' is incorrect (should be 32 characters)"]),
  answer,
  open: (url, deps) =>
    createPagerdutyChannel(
      pagerdutyOptions.parse({
        id: 'pd',
        type: 'pagerduty',
        routingKey: 'env:PD',
        url,
        insecureTransport: true,
      }),
      deps,
    ),
};

function answer({ method, path, headers, text, wire }: WebhookRequest): VendorAnswer {
  if (method !== 'POST' || path !== '/v2/enqueue') return { status: 404 };
  if (headers['content-type'] !== 'application/json') return { status: 415 };
  if (wire.length > MAX_BYTES) return { status: 413 };
  const { data, error } = pagerdutyEvent.safeParse(JSON.parse(text));
  if (error) return invalid([z.prettifyError(error)]);
  if (data.routing_key !== KEY) return invalid(['Invalid routing key']);
  const message = { status: 'success', message: 'Event processed', dedup_key: data.dedup_key };
  return { status: 202, body: JSON.stringify(message) };
}

function invalid(errors: readonly string[]): VendorAnswer {
  return {
    status: 400,
    body: JSON.stringify({ status: 'invalid event', message: 'Event object is invalid', errors }),
  };
}
