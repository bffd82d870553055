import { z } from 'zod';

import { authOptions } from '../../model/header-options.ts';
import type { RelayEvent, Severity } from '../../model/relay-event.ts';
import { type Channel, type ChannelDeps, channelBase } from '../channel.ts';
import {
  addressOption,
  CLEAR_TEXT,
  createHttpChannel,
  headersOf,
  httpFields,
  isAddressAllowed,
} from '../http-channel.ts';
import { keyWithin } from '../key.ts';
import { cut, plainLine } from '../text.ts';
import { wordingOf } from '../wording.ts';

/** Lengths of the columns of em_event. */
const MAX_COLUMN = 100;
const MAX_KEY = 1_024;
const MAX_DESCRIPTION = 4_000;

export const servicenowOptions = channelBase
  .extend({
    type: z.literal('servicenow').describe('Event Management of ServiceNow, by its table em_event'),
    url: addressOption.describe('The instance, such as https://example.service-now.com'),
    auth: authOptions,
    ...httpFields,
  })
  .refine(isAddressAllowed, CLEAR_TEXT);

type ServicenowOptions = z.infer<typeof servicenowOptions>;

/** One row of em_event for each message; rows with one key are one alert, which severity 0 clears. */
export function createServicenowChannel(options: ServicenowOptions, deps: ChannelDeps): Channel {
  return createHttpChannel(
    options,
    {
      request: async (event, { url, read }) => ({
        url: new URL('/api/now/table/em_event', url),
        headers: {
          ...(await headersOf({ headers: {}, auth: options.auth }, read)),
          ...{ accept: 'application/json', 'content-type': 'application/json' },
        },
        body: JSON.stringify(rowOf(event, deps.agentId)),
      }),
      advice: ({ status }) => ADVICE.get(status),
    },
    deps,
  );
}

const SEVERITIES: Readonly<Record<Severity, '1' | '2' | '3' | '4' | '5'>> = {
  critical: '1',
  high: '2',
  medium: '3',
  low: '4',
  info: '5',
};
const CLEAR = '0';

function rowOf(event: RelayEvent, agentId: string) {
  const { text, link } = wordingOf(event, agentId);
  const { action, severity, type, key, id, at, accounts, regions } = event;
  const isOver = action === 'resolve';
  const [account] = accounts;
  const [region] = regions;
  return {
    source: 'guardrelay',
    event_class: column(`guardrelay ${agentId}`),
    node: column(account?.id ?? event.customer?.id ?? agentId),
    resource: column(region ?? event.destination ?? ''),
    metric_name: column(type),
    type: column(type),
    // What has happened has no end: a second one is an alert of its own.
    message_key: keyWithin(action === 'notice' ? `${key}/${id}` : key, MAX_KEY),
    severity: isOver ? CLEAR : SEVERITIES[severity],
    resolution_state: isOver ? 'Closing' : 'New',
    time_of_event: timeOfEvent(at),
    description: cut(text, MAX_DESCRIPTION),
    additional_info: JSON.stringify({ ...extraOf(event, agentId), ...(link !== undefined && { link }) }),
  };
}

function column(text: string): string {
  return plainLine(text, MAX_COLUMN);
}

/** `yyyy-MM-dd HH:mm:ss`, UTC. */
function timeOfEvent(at: string): string {
  return at.slice(0, 19).replace('T', ' ');
}

/** Keys without blanks: event rules address them by name. */
function extraOf(event: RelayEvent, agentId: string): Readonly<Record<string, string>> {
  const { facts, likely = '', fix = '' } = wordingOf(event, agentId);
  const named = facts.map(({ name, value }) => [name.toLowerCase().replaceAll(' ', '_'), value] as const);
  return { ...Object.fromEntries(named), code: event.code, likely, fix };
}

const ADVICE: ReadonlyMap<number, string> = new Map([
  [401, 'user, password or token are wrong'],
  [403, 'the user needs the role evt_mgmt_integration'],
  [404, 'Event Management is not active in the instance, or it is not the address of one'],
]);
