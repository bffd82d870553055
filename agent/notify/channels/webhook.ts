import { z } from 'zod';

import { authOptions, headerOptions } from '../../model/header-options.ts';
import type { RelayEvent } from '../../model/relay-event.ts';
import type { SecretReader } from '../../model/secret.ts';
import { signingOption, webhookSignature } from '../../model/webhook-signature.ts';
import { type Channel, type ChannelDeps, channelBase } from '../channel.ts';
import { fieldsOf } from '../event-fields.ts';
import {
  addressOption,
  CLEAR_TEXT,
  createHttpChannel,
  headersOf,
  httpFields,
  isAddressAllowed,
} from '../http-channel.ts';
import type { HttpMessage } from '../http-exchange.ts';
import { keyWithin } from '../key.ts';
import { type Filled, fillTemplate, readTemplate, SHIPPED } from '../template.ts';
import { plainLine } from '../text.ts';
import { wordingOf } from '../wording.ts';

/** Larger events lose their details, so that receivers with the usual limits take them. */
const MAX_EVENT_BYTES = 100_000;

export const webhookOptions = channelBase
  .extend({
    type: z.literal('webhook').describe('HTTPS POST of JSON to any service'),
    url: addressOption.describe('Where messages are posted to, or a secret reference to it'),
    headers: headerOptions,
    auth: authOptions.exactOptional(),
    signing: signingOption.exactOptional(),
    template: z
      .string()
      .regex(new RegExp(`^(${SHIPPED.join('|')}|/.*\\.json)$`), {
        error: `must be ${SHIPPED.join(', ')}, or the path of a .json file, from / on`,
      })
      .exactOptional()
      .describe(`What is posted: ${SHIPPED.join(', ')}, or a .json file; absent: the event itself`),
    values: z
      .record(z.string().regex(/^\w+$/, { error: 'must be letters, digits and _' }), z.string())
      .default({})
      .describe('What a template gets for {{values.NAME}}, such as the project of Jira'),
    ...httpFields,
  })
  .refine(isAddressAllowed, CLEAR_TEXT);

type WebhookOptions = z.infer<typeof webhookOptions>;

/** POST of JSON: the event, or what a template makes of it. */
export function createWebhookChannel(options: WebhookOptions, deps: ChannelDeps): Channel {
  async function request(event: RelayEvent, url: URL, read: SecretReader): Promise<HttpMessage | undefined> {
    const filled = await bodyOf(event);
    if (!filled) return undefined;
    const id = keyWithin(event.id, MAX_ID);
    const body = Buffer.from(filled.body);
    const secrets = await Promise.all((options.signing?.secrets ?? []).map(read));
    return {
      url: filled.path === undefined ? url : new URL(filled.path, url),
      headers: {
        ...(await headersOf(options, read)),
        ...{ 'content-type': 'application/json', 'webhook-id': id },
        ...webhookSignature(secrets, () => ({ id, body }), deps.clock.now()),
      },
      body,
    };
  }

  async function bodyOf(event: RelayEvent): Promise<Filled | undefined> {
    if (options.template === undefined) return { body: eventText(event, deps.agentId) };
    const values = Object.entries(options.values).map(([name, value]) => [`values.${name}`, value] as const);
    const fields = { ...fieldsOf(event, deps.agentId), ...Object.fromEntries(values) };
    return fillTemplate(await readTemplate(options.template), event.action, fields);
  }

  return createHttpChannel(options, { request: (event, { url, read }) => request(event, url, read) }, deps);
}

const MAX_ID = 255;

function eventText(event: RelayEvent, agentId: string): string {
  const { text } = wordingOf(event, agentId);
  const whole = JSON.stringify({ ...event, text });
  return Buffer.byteLength(whole) <= MAX_EVENT_BYTES ? whole : JSON.stringify({ ...shortened(event), text });
}

/** The text still tells how many places there are. */
function shortened(event: RelayEvent): Readonly<Record<string, unknown>> {
  const { accounts, regions } = event;
  const lines = Object.entries(event).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, plainLine(value, MAX_LINE)] as const] : [],
  );
  return {
    ...event,
    ...Object.fromEntries(lines),
    accounts: accounts.slice(0, MAX_NAMES),
    regions: regions.slice(0, MAX_NAMES),
    details: { omitted: 'they are too large for a message' },
  };
}

const MAX_LINE = 1_000;
const MAX_NAMES = 50;
