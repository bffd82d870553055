import { createHmac } from 'node:crypto';

import type { Headers, OutgoingRequest } from './credentials.ts';

/** Standard Webhooks: a secret is written `whsec_` and base64; any other text is taken as it is. */
const PREFIX = 'whsec_';

/**
 * Standard Webhooks: an HMAC-SHA256 over id, time and body, one for each secret that is in use, so that a
 * receiver can change over from one to the next. The body is signed as it was before compression.
 */
export function webhookSignature(
  secrets: readonly string[],
  { batchId, body }: Pick<OutgoingRequest, 'batchId' | 'body'>,
  nowMs: number,
): Headers {
  if (secrets.length === 0) return {};
  const seconds = String(Math.floor(nowMs / 1_000));
  const bytes = body();
  const signatures = secrets.map((secret) => {
    const hmac = createHmac('sha256', keyOf(secret)).update(`${batchId}.${seconds}.`).update(bytes);
    return `v1,${hmac.digest('base64')}`;
  });
  return { 'webhook-timestamp': seconds, 'webhook-signature': signatures.join(' ') };
}

function keyOf(secret: string): Buffer {
  return secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), 'base64') : Buffer.from(secret);
}
