import { z } from 'zod';

import type { RelayEvent, Severity } from '../../model/relay-event.ts';
import { secretReference } from '../../model/secret.ts';
import { type Channel, type ChannelDeps, channelBase } from '../channel.ts';
import {
  addressOption,
  CLEAR_TEXT,
  createHttpChannel,
  httpFields,
  isAddressAllowed,
} from '../http-channel.ts';
import type { Answer } from '../http-exchange.ts';
import { keyWithin } from '../key.ts';
import { plainLine } from '../text.ts';
import { shortWording, wordingOf } from '../wording.ts';

/** Limits of the Events API v2. */
const MAX_KEY = 255;
const MAX_SUMMARY = 1_024;
const MAX_SOURCE = 255;

export const pagerdutyOptions = channelBase
  .extend({
    type: z.literal('pagerduty').describe('A PagerDuty service, by Events API v2'),
    routingKey: secretReference.describe(
      'Secret reference to the integration key of the service, 32 characters',
    ),
    url: addressOption
      .default('https://events.pagerduty.com')
      .describe('Where events go; in the European region https://events.eu.pagerduty.com'),
    ...httpFields,
  })
  .refine(isAddressAllowed, CLEAR_TEXT);

type PagerdutyOptions = z.infer<typeof pagerdutyOptions>;

/** Opens an alert and closes it by the same key. */
export function createPagerdutyChannel(options: PagerdutyOptions, deps: ChannelDeps): Channel {
  return createHttpChannel(
    options,
    {
      request: async (event, { url, read }) => ({
        url: new URL('/v2/enqueue', url),
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          routing_key: await read(options.routingKey),
          ...(event.action === 'resolve' ? ending(event) : beginning(event, deps.agentId)),
        }),
      }),
      advice,
    },
    deps,
  );
}

const SEVERITIES: Readonly<Record<Severity, 'critical' | 'error' | 'warning' | 'info'>> = {
  critical: 'critical',
  high: 'error',
  medium: 'warning',
  low: 'info',
  info: 'info',
};

function ending(event: RelayEvent) {
  return { event_action: 'resolve', dedup_key: dedupKey(event) };
}

/** What has happened has no end: a second one is an alert of its own. */
function dedupKey({ action, key, id }: RelayEvent): string {
  return keyWithin(action === 'notice' ? `${key}/${id}` : key, MAX_KEY);
}

function beginning(event: RelayEvent, agentId: string) {
  const wording = wordingOf(event, agentId);
  const { link, likely, fix, facts } = wording;
  const { customer, regions } = event;
  return {
    event_action: 'trigger',
    dedup_key: dedupKey(event),
    payload: {
      summary: shortWording(wording, MAX_SUMMARY),
      source: plainLine([customer?.id ?? agentId, ...regions.slice(0, 1)].join(' '), MAX_SOURCE),
      severity: SEVERITIES[event.severity],
      timestamp: event.at,
      component: 'guardrelay',
      ...(customer && { group: plainLine(customer.id, MAX_SOURCE) }),
      class: event.type,
      custom_details: {
        ...Object.fromEntries(facts.map(({ name, value }) => [name, value])),
        ...(likely !== undefined && { Likely: likely }),
        ...(fix !== undefined && { Fix: fix }),
      },
    },
    client: `guardrelay ${agentId}`,
    ...(link !== undefined && { client_url: link, links: [{ href: link, text: 'Open in guardrelay' }] }),
  };
}

function advice({ status, text }: Answer): string | undefined {
  const isKey = status === 400 && text.includes('routing_key');
  return isKey ? 'the routing key is not one of an Events API v2 integration' : undefined;
}
