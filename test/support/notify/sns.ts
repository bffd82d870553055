import { z } from 'zod';

import { createSnsChannel, snsOptions } from '../../../agent/notify/channels/sns.ts';
import { AWS_IDENTITY } from '../channel-deps.ts';
import { signaturesOf } from '../sigv4-verifier.ts';
import type { WebhookRequest } from '../webhook-receiver.ts';
import type { HttpVendor, VendorAnswer } from './http-vendor.ts';

export const TOPIC = 'arn:aws:sns:eu-west-1:111111111111:guardrelay';
const MAX_MESSAGE_BYTES = 262_144;

const call = { Action: z.literal('Publish'), Version: z.literal('2010-03-31') };
/** ASCII, no line break or control character, begins with a letter, a digit or punctuation. */
const subject = z
  .string()
  .max(100)
  .regex(/^[!-~][ -~]*$/);
const structured = z.string().refine((text) => {
  const parts = z.strictObject({ default: z.string().min(1), sms: z.string().min(1).max(1_600) });
  return Buffer.byteLength(text) <= MAX_MESSAGE_BYTES && parts.safeParse(JSON.parse(text)).success;
});
const fifoKey = z.string().regex(/^[!-~]{1,128}$/);

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const publication = z.union([
  z.strictObject({
    ...call,
    TopicArn: z.literal(TOPIC),
    Subject: subject,
    MessageStructure: z.literal('json'),
    Message: structured,
  }),
  z.strictObject({
    ...call,
    TopicArn: z.literal(`${TOPIC}.fifo`),
    Subject: subject,
    MessageStructure: z.literal('json'),
    Message: structured,
    MessageGroupId: fifoKey,
    MessageDeduplicationId: fifoKey,
  }),
  z.strictObject({
    ...call,
    PhoneNumber: z.string().regex(/^\+\d{7,15}$/),
    Message: z.string().min(1).max(1_600),
  }),
]);

export const sns: HttpVendor = {
  name: 'sns',
  secrets: {},
  busy: failure(400, 'Throttling', 'Rate exceeded'),
  down: failure(500, 'InternalFailure', 'We are sorry'),
  refusal: failure(404, 'NotFound', 'Topic does not exist'),
  answer,
  open: (url, deps) =>
    createSnsChannel(
      snsOptions.parse({ id: 'sms', type: 'sns', topicArn: TOPIC, url, insecureTransport: true }),
      deps,
    ),
};

function answer(request: WebhookRequest): VendorAnswer {
  const { right, found, scope } = signaturesOf(request, AWS_IDENTITY.secretAccessKey);
  const isToken = request.headers['x-amz-security-token'] === AWS_IDENTITY.sessionToken;
  const isSigned = right === found && /^\d{8}\/eu-west-1\/sns\/aws4_request$/.test(scope);
  if (!isSigned || !isToken)
    return failure(403, 'SignatureDoesNotMatch', 'The request signature does not match');
  if (request.method !== 'POST' || request.path !== '/') return failure(404, 'InvalidAction', request.path);
  const { error } = publication.safeParse(Object.fromEntries(new URLSearchParams(request.text)));
  if (error) return failure(400, 'InvalidParameter', z.prettifyError(error));
  const result = '<PublishResult><MessageId>94f20ce6</MessageId></PublishResult>';
  return {
    status: 200,
    body: `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">${result}</PublishResponse>`,
  };
}

/** https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html */
export function failure(status: number, code: string, message: string): VendorAnswer {
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, body: `<ErrorResponse>${error}<RequestId>1</RequestId></ErrorResponse>` };
}
