import { Webhook } from 'standardwebhooks';

import type { ChannelDeps } from '../../../agent/notify/channel.ts';
import { createWebhookChannel, webhookOptions } from '../../../agent/notify/channels/webhook.ts';
import type { WebhookRequest } from '../webhook-receiver.ts';
import type { HttpVendor, VendorAnswer } from './http-vendor.ts';

const SECRETS = {
  'env:SIGNING': `whsec_${Buffer.from('a signing secret of 32 bytes....').toString('base64')}`,
  'env:TOKEN': 'token-0123456789abcdef',
};

/** A receiver that verifies what it gets with the library of Standard Webhooks itself. */
export const webhook: HttpVendor = {
  name: 'webhook',
  secrets: SECRETS,
  busyMs: 30_000,
  busy: { status: 429, headers: { 'retry-after': '30' } },
  down: { status: 503, body: 'sorry' },
  refusal: { status: 422, body: 'no such hook' },
  answer: verified,
  open: (url, deps: ChannelDeps) =>
    createWebhookChannel(
      webhookOptions.parse({
        ...{ id: 'hook', type: 'webhook', url: `${url}/hook`, insecureTransport: true },
        auth: { bearer: 'env:TOKEN' },
        signing: { secrets: ['env:SIGNING'] },
      }),
      deps,
    ),
};

function verified({ path, headers, text }: WebhookRequest): VendorAnswer {
  if (path !== '/hook') return { status: 404 };
  if (headers.authorization !== `Bearer ${SECRETS['env:TOKEN']}`) return { status: 401 };
  if (headers['content-type'] !== 'application/json') return { status: 415 };
  try {
    new Webhook(SECRETS['env:SIGNING']).verify(text, headersOf(headers));
    return { status: 204 };
  } catch (error) {
    return { status: 400, body: String(error) };
  }
}

function headersOf(headers: WebhookRequest['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
