import type { Condition, Named } from './condition.ts';
import type { LastingType } from './event-types.ts';

/** So many are named, the others counted. */
const NAMED = 20;

/** What is told in one sentence: `{where}` and `{is}` of the regions, `{who}` of the accounts, `{it}` of the subject. */
const BEGINS: Readonly<Record<LastingType, string>> = {
  'source.failing': '{where} {is} not watched any more',
  'source.silent': '{where} {is} silent',
  'source.lagging': '{where} {is} late',
  'source.unproven': '{where} cannot be proven',
  'plumbing.changed': 'what carries events was changed in {where}',
  'detector.disabled': 'GuardDuty is switched off in {where}',
  'credentials.refused': 'AWS refuses the credentials in {where}',
  'credentials.old': 'the access key of the agent is old',
  'region.new-without-stack': '{where} {is} without a stack',
  'stack.outdated': 'the stack in {where} {is} out of date',
  'retention.risk': 'events of {where} expire soon',
  'destination.blocked': 'destination {it} takes no records',
  'destination.quarantined': 'refused records stand in quarantine for {it}',
  'destination.certificate-expiring': 'the certificate of destination {it} expires soon',
  'member.resigned': '{who} left the GuardDuty administrator, in {where}',
  'member.removed': '{who} was removed from the GuardDuty members, in {where}',
  'member.paused': '{who} is paused as a GuardDuty member, in {where}',
  'member.failed': '{who} has another e-mail address than the GuardDuty invitation, in {where}',
  'member.invitation-old': '{who} has not accepted the GuardDuty invitation, in {where}',
  'member.unavailable': '{who} is suspended, or its region is off, in {where}',
  'config.invalid': 'the changed configuration is not valid; the one before stays in force',
  'agent.many-sources': 'many sources fell at once',
  'notify.channel-failing': 'the channel {it} takes no notices',
};

/** The same when it is over. */
const ENDS: Readonly<Record<LastingType, string>> = {
  'source.failing': '{where} {is} watched again',
  'source.silent': '{where} {is} heard again',
  'source.lagging': '{where} {is} in time again',
  'source.unproven': '{where} {is} proven',
  'plumbing.changed': 'what carries events is in order again in {where}',
  'detector.disabled': 'GuardDuty is on again in {where}',
  'credentials.refused': 'AWS takes the credentials again in {where}',
  'credentials.old': 'the access key of the agent was rotated',
  'region.new-without-stack': '{where} {is} collected now, or off',
  'stack.outdated': 'the stack in {where} {is} up to date',
  'retention.risk': 'events of {where} do not expire unread any more',
  'destination.blocked': 'destination {it} takes records again',
  'destination.quarantined': 'nothing stands in quarantine for {it} any more',
  'destination.certificate-expiring': 'the certificate of destination {it} was renewed',
  'member.resigned': '{who} is a GuardDuty member again, in {where}',
  'member.removed': '{who} is a GuardDuty member again, in {where}',
  'member.paused': '{who} is an active GuardDuty member again, in {where}',
  'member.failed': '{who} can be invited to GuardDuty again, in {where}',
  'member.invitation-old': '{who} has answered the GuardDuty invitation, in {where}',
  'member.unavailable': '{who} is available to GuardDuty again, in {where}',
  'config.invalid': 'the configuration is valid again',
  'agent.many-sources': 'most sources are well again',
  'notify.channel-failing': 'the channel {it} takes notices again',
};

export function beginning(conditions: readonly Condition[]): string {
  return told(BEGINS, conditions);
}

export function ending(conditions: readonly Condition[]): string {
  return told(ENDS, conditions);
}

/** Customers once, and then what is told of each type. */
function told(sentences: typeof BEGINS, conditions: readonly Condition[]): string {
  const byType = [...Map.groupBy(conditions, ({ type }) => type)];
  const parts = byType.map(([type, alike]) => filled(sentences[type], alike));
  const customers = customersOf(conditions);
  return [...(customers.length === 0 ? [] : [customersText(customers)]), parts.join('; ')].join(': ');
}

function filled(sentence: string, conditions: readonly Condition[]): string {
  const regions = regionsOf(conditions);
  const accounts = accountsOf(conditions);
  const words = {
    '{where}': whereText(regions, accounts),
    '{is}': regions.length === 1 && accounts.length <= 1 ? 'is' : 'are',
    '{who}': accounts.length === 1 ? nameOf(accounts[0]) : `${accounts.length} accounts`,
    '{it}': conditions[0]?.destination ?? conditions[0]?.subject ?? '',
  };
  return Object.entries(words).reduce((text, [mark, word]) => text.replaceAll(mark, () => word), sentence);
}

export function customersOf(conditions: readonly Pick<Condition, 'customers'>[]): readonly Named[] {
  return distinct(conditions.flatMap(({ customers }) => customers));
}

export function accountsOf(conditions: readonly Pick<Condition, 'account'>[]): readonly Named[] {
  return distinct(conditions.flatMap(({ account }) => account ?? []));
}

export function regionsOf(conditions: readonly Pick<Condition, 'region'>[]): readonly string[] {
  return [...new Set(conditions.flatMap(({ region }) => region ?? []))].toSorted();
}

function distinct(all: readonly Named[]): readonly Named[] {
  return [...new Map(all.map((each) => [each.id, each])).values()];
}

function nameOf({ id, name }: Named = { id: '' }): string {
  return name === undefined ? id : `${name} (${id})`;
}

function customersText(customers: readonly Named[]): string {
  return customers.length <= 3
    ? customers.map(({ id, name }) => name ?? id).join(', ')
    : `${customers.length} customers`;
}

function whereText(regions: readonly string[], accounts: readonly Named[]): string {
  const account = accounts.length > 1 ? ` of ${accounts.length} accounts` : '';
  if (regions.length === 1) return `${regions[0]}${account}`;
  const more = regions.length > NAMED ? ` and ${regions.length - NAMED} more` : '';
  return `${regions.length} regions${account} (${regions.slice(0, NAMED).join(', ')}${more})`;
}
