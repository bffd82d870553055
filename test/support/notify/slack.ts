import { z } from 'zod';

import { createSlackChannel, slackOptions } from '../../../agent/notify/channels/slack.ts';
import type { WebhookRequest } from '../webhook-receiver.ts';
import type { HttpVendor, VendorAnswer } from './http-vendor.ts';

const PATH = '/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX';

/** Markup that means something: a link of ours, entities, and no bare angle bracket else. */
const MARKUP = /^(?:[^<>&]|&(?:amp|lt|gt);|<https?:\/\/[^<>|]+\|[^<>|]+>)*$/;

/** https://docs.slack.dev/reference/block-kit/composition-objects/text-object/ */
const plainText = (max: number) =>
  z.strictObject({
    type: z.literal('plain_text'),
    text: z.string().min(1).max(max),
    emoji: z.boolean().exactOptional(),
  });
const mrkdwn = (max: number) =>
  z.strictObject({
    type: z.literal('mrkdwn'),
    text: z.string().min(1).max(max).regex(MARKUP),
    verbatim: z.boolean().exactOptional(),
  });
const text = (max: number) => z.union([plainText(max), mrkdwn(max)]);

/** https://docs.slack.dev/reference/block-kit/blocks/section-block/ and context-block */
const block = z.union([
  z.strictObject({ type: z.literal('section'), text: text(3_000) }),
  z.strictObject({ type: z.literal('section'), fields: z.array(text(2_000)).min(1).max(10) }),
  z.strictObject({ type: z.literal('context'), elements: z.array(text(3_000)).min(1).max(10) }),
]);

/** https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/ */
export const slackMessage = z.strictObject({
  text: z.string().min(1).max(4_000).regex(MARKUP),
  mrkdwn: z.boolean().exactOptional(),
  unfurl_links: z.boolean().exactOptional(),
  unfurl_media: z.boolean().exactOptional(),
  blocks: z.array(block).min(1).max(50),
});

/** Answers: https://docs.slack.dev/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks */
export const slack: HttpVendor = {
  name: 'slack',
  secrets: { 'env:SLACK': `http://127.0.0.1${PATH}` },
  busyMs: 30_000,
  busy: { status: 429, headers: { 'retry-after': '30' }, body: 'rate_limited' },
  down: { status: 500, body: 'rollup_error' },
  refusal: { status: 404, body: 'no_service' },
  answer,
  open: (origin, deps) =>
    createSlackChannel(
      slackOptions.parse({ id: 'soc', type: 'slack', url: 'env:SLACK', insecureTransport: true }),
      {
        ...deps,
        readSecret: async (reference) =>
          (await deps.readSecret(reference)).replace('http://127.0.0.1', origin),
      },
    ),
};

function answer({ method, path, headers, text: body }: WebhookRequest): VendorAnswer {
  if (method !== 'POST') return { status: 405 };
  if (path !== PATH) return { status: 404, body: 'no_service' };
  if (!headers['content-type']?.startsWith('application/json'))
    return { status: 400, body: 'invalid_payload' };
  const { error } = slackMessage.safeParse(JSON.parse(body));
  return error
    ? { status: 400, body: `invalid_blocks ${z.prettifyError(error)}` }
    : { status: 200, body: 'ok' };
}
