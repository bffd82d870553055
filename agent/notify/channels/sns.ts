import { z } from 'zod';

import type { AwsIdentity } from '../../model/aws-identity.ts';
import { regionOption, roleOption, signedHeaders } from '../../model/aws-request.ts';
import type { RelayEvent } from '../../model/relay-event.ts';
import { type Channel, type ChannelDeps, type ChannelOutcome, channelBase } from '../channel.ts';
import {
  addressOption,
  CLEAR_TEXT,
  createHttpChannel,
  httpFields,
  isAddressAllowed,
} from '../http-channel.ts';
import type { Answer } from '../http-exchange.ts';
import { keyWithin } from '../key.ts';
import { asciiText, cut } from '../text.ts';
import { shortWording, type Wording, wordingOf } from '../wording.ts';

/** "Up to 100 characters" of ASCII, beginning with a letter, a digit or punctuation. */
const MAX_SUBJECT = 100;
/** Of MessageGroupId and MessageDeduplicationId. */
const MAX_FIFO_KEY = 128;

export const snsOptions = channelBase
  .extend({
    type: z.literal('sns').describe('An Amazon SNS topic, or text messages to a telephone'),
    topicArn: z
      .string()
      .regex(/^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}(\.fifo)?$/, {
        error: 'must be the ARN of a topic',
      })
      .exactOptional()
      .describe('Topic to publish to'),
    phoneNumber: z
      .string()
      .regex(/^\+[1-9]\d{6,14}$/, { error: 'must be a number such as +4915112345678' })
      .exactOptional()
      .describe('Telephone that gets text messages, instead of a topic'),
    region: regionOption.exactOptional().describe('Region of SNS; absent: that of the topic'),
    maxSmsCharacters: z
      .int()
      .min(40)
      .max(1_600)
      .default(160)
      .describe('Length of a text message; one costs as much as each 160 characters of it'),
    role: roleOption.exactOptional(),
    url: addressOption.exactOptional().describe('Endpoint of SNS; absent: the public one of the region'),
    ...httpFields,
  })
  .refine(({ topicArn, phoneNumber }) => (topicArn === undefined) !== (phoneNumber === undefined), {
    error: 'needs either topicArn or phoneNumber',
  })
  .refine(({ topicArn, region }) => topicArn !== undefined || region !== undefined, {
    path: ['region'],
    error: 'is needed where no topic says it',
  })
  .refine(({ url, ...options }) => url === undefined || isAddressAllowed({ ...options, url }), CLEAR_TEXT);

type SnsOptions = z.infer<typeof snsOptions>;

/** Publishes by the Query API, signed as this agent or as a role. */
export function createSnsChannel(options: SnsOptions, deps: ChannelDeps): Channel {
  const region = options.region ?? options.topicArn?.split(':')[3] ?? '';
  const { role } = options;
  const identities = deps.awsIdentities({ region, ...(role && { role }) });
  let used: AwsIdentity | undefined;

  async function request(event: RelayEvent, { url, hide }: { url: URL; hide(secret: string): void }) {
    const identity = await identities.get();
    used = identity;
    for (const secret of [identity.secretAccessKey, identity.sessionToken ?? '']) hide(secret);
    const body = new URLSearchParams(publication(event, options, deps.agentId)).toString();
    const signer = { credentials: identity, region, service: 'sns', now: deps.clock.now() };
    return { url, headers: await signedHeaders({ method: 'POST', url, headers: FORM, body }, signer), body };
  }

  /** SNS says 400 when it is asked too often, and 403 when a session has ended. */
  function judge({ status, text }: Answer): ChannelOutcome | undefined {
    const [, code = ''] = /<Code>(\w+)<\/Code>/.exec(text) ?? [];
    if (status < 300 || !PASSING.test(code)) return undefined;
    if (used && code.startsWith('ExpiredToken')) identities.renew(used);
    return { kind: 'retry', why: `Amazon SNS answered ${status}: ${code}` };
  }

  const address = { ...options, url: options.url ?? endpointOf(region) };
  return createHttpChannel(address, { request, judge }, deps);
}

const PASSING = /^(Throttl|KMSThrottl|ExpiredToken|RequestExpired)/;
const FORM = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };

function endpointOf(region: string): string {
  return `https://sns.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

/** Parameters of Publish. */
function publication(event: RelayEvent, options: SnsOptions, agentId: string): Record<string, string> {
  const { topicArn, phoneNumber, maxSmsCharacters } = options;
  const wording = wordingOf(event, agentId);
  const sms = smsText(wording, maxSmsCharacters);
  const call = { Action: 'Publish', Version: '2010-03-31' };
  if (phoneNumber !== undefined) return { ...call, PhoneNumber: phoneNumber, Message: sms };
  return {
    ...call,
    ...{ TopicArn: topicArn ?? '', Subject: subjectOf(wording), MessageStructure: 'json' },
    Message: JSON.stringify({ default: longText(wording), sms }),
    ...(topicArn?.endsWith('.fifo') && fifoOf(event)),
  };
}

/** A topic that keeps the order keeps it for each key. */
function fifoOf({ key, id }: RelayEvent): Record<string, string> {
  return {
    MessageGroupId: keyWithin(key, MAX_FIFO_KEY),
    MessageDeduplicationId: keyWithin(id, MAX_FIFO_KEY),
  };
}

function subjectOf({ headline }: Wording): string {
  return cut(`guardrelay: ${asciiText(headline)}`, MAX_SUBJECT, '...');
}

/** A single character outside of the GSM alphabet would make each text message less than half as long. */
function smsText(wording: Wording, maxCharacters: number): string {
  const plain = (text: string): string => asciiText(text);
  const { headline, text, fix } = wording;
  const ascii = {
    ...wording,
    headline: plain(headline),
    text: plain(text),
    ...(fix !== undefined && { fix: plain(fix) }),
  };
  return asciiText(shortWording(ascii, maxCharacters)).slice(0, maxCharacters);
}

function longText({ headline, likely, fix, link, facts }: Wording): string {
  const lines = facts.map(({ name, value }) => `${name}: ${value}`);
  const parts = [headline, likely && `Likely: ${likely}`, fix && `Fix: ${fix}`, lines.join('\n'), link];
  return parts.filter((part) => part !== undefined).join('\n\n');
}
