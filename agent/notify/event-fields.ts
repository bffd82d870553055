import type { RelayEvent } from '../model/relay-event.ts';
import { keyWithin } from './key.ts';
import type { Fields } from './template.ts';
import { plainLine } from './text.ts';
import { wordingOf } from './wording.ts';

/** What every vendor takes as a key: Opsgenie's alias has at most 512 characters, a tag of Zendesk 255. */
const MAX_KEY = 255;
const MAX_LINE = 500;

/** Every field that a template may ask for; empty where an event has none. */
export function fieldsOf(event: RelayEvent, agentId: string): Fields {
  const { headline, text, likely = '', fix = '', link = '', facts } = wordingOf(event, agentId);
  const { id, at, action, key, type, severity, code, title, since = '', lastGoodAt = '' } = event;
  const { customer, destination = '', accounts, regions } = event;
  const lines = {
    ...{ at, type, code, title, since, lastGoodAt, destination, agent: agentId },
    customer: customer?.id ?? '',
    customerName: customer?.name ?? customer?.id ?? '',
    accounts: accounts.map((account) => account.id).join(', '),
    regions: regions.join(', '),
  };
  const plain = Object.entries(lines).map(([name, value]) => [name, plainLine(value, MAX_LINE)] as const);
  return {
    ...Object.fromEntries(plain),
    ...{ headline, text, likely, fix, link, action, severity },
    facts: facts.map(({ name, value }) => `${name}: ${value}`).join('\n'),
    id: keyWithin(id, MAX_KEY),
    key: keyWithin(key, MAX_KEY),
  };
}
