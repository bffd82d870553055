import { createHmac } from 'node:crypto';
import { z } from 'zod';

import { secretReference } from './secret.ts';

/** Standard Webhooks: a secret is written `whsec_` and base64; any other text is taken as it is. */
const PREFIX = 'whsec_';

/** The `signing` block of whatever posts to webhooks. */
export const signingOption = z
  .strictObject({
    secrets: z
      .array(secretReference)
      .min(1)
      .max(2)
      .describe('One secret, or the old and the new one while receivers change over'),
  })
  .describe('Signs each request with HMAC-SHA256 as Standard Webhooks does');

interface SignedMessage {
  /** The same on every try. */
  readonly id: string;
  /** As it was before compression. */
  readonly body: Buffer;
}

/**
 * Standard Webhooks: an HMAC-SHA256 over id, time and body, one for each secret that is in use, so that a
 * receiver can change over from one to the next. No secret: no headers.
 */
export function webhookSignature(
  secrets: readonly string[],
  message: () => SignedMessage,
  nowMs: number,
): Readonly<Record<string, string>> {
  if (secrets.length === 0) return {};
  const { id, body } = message();
  const seconds = String(Math.floor(nowMs / 1_000));
  const signatures = secrets.map((secret) => {
    const hmac = createHmac('sha256', keyOf(secret)).update(`${id}.${seconds}.`).update(body);
    return `v1,${hmac.digest('base64')}`;
  });
  return { 'webhook-timestamp': seconds, 'webhook-signature': signatures.join(' ') };
}

function keyOf(secret: string): Buffer {
  return secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), 'base64') : Buffer.from(secret);
}
