import { hash } from 'node:crypto';

import { type RelayEvent, SEVERITIES, type Severity } from '../model/relay-event.ts';
import { type Condition, conditionId } from './condition.ts';
import { kindOf } from './event-types.ts';
import { remedyOf } from './remedies.ts';
import { accountsOf, beginning, customersOf, ending, regionsOf } from './titles.ts';

/** Conditions that are told as one, the worst first. */
export type Conditions = readonly [Condition, ...Condition[]];

export interface MessageOptions {
  readonly key: string;
  /** Epoch ms. */
  readonly at: number;
  /** Of the console. */
  readonly publicUrl?: string | undefined;
}

/** So many of a group are listed, the others counted. */
const LISTED = 50;
const MAX_REASONS = 3;
const MAX_TITLE = 500;

/** `fresh`: how many of the conditions were not told before. */
export function triggerOf(conditions: Conditions, fresh: number, options: MessageOptions): RelayEvent {
  const [worst] = conditions;
  const reasons = [...new Set(conditions.map(({ reason }) => reason))];
  const title = beginning(conditions) + (reasons.length === 1 ? `: ${reasons[0]}` : '');
  const customers = customersOf(conditions).map(({ id }) => id);
  return {
    ...common('trigger', conditions, options),
    type: worst.type,
    title: title.slice(0, MAX_TITLE),
    ...remedyOf(worst, conditions),
    details: {
      reason: reasonsText(reasons),
      ...(customers.length > 1 && { customers }),
      ...(conditions.length > 1 && {
        ...{ count: conditions.length, new: fresh },
        all: conditions.slice(0, LISTED).map(listed),
      }),
    },
  };
}

/** `successors`: what is wrong instead with what these conditions were about. */
export function resolveOf(
  conditions: Conditions,
  successors: readonly Condition[],
  options: MessageOptions,
): RelayEvent {
  const [{ type }] = conditions;
  const [next] = successors;
  const title = next ? `${beginning(conditions)}: now ${next.type}` : ending(conditions);
  return {
    ...common('resolve', conditions, options),
    type: kindOf(type).end ?? type,
    title: title.slice(0, MAX_TITLE),
    details: { was: type, ...(next && { now: next.type }) },
  };
}

function common(
  action: 'trigger' | 'resolve',
  conditions: Conditions,
  { key, at, publicUrl }: MessageOptions,
): Omit<RelayEvent, 'type' | 'title' | 'details'> {
  const [{ code, destination }] = conditions;
  const [customer, ...others] = customersOf(conditions);
  return {
    schema: 'guardrelay.event/v1',
    id: hash('sha256', [key, action, at, ...conditions.map(conditionId)].join('\n')),
    ...{ at: iso(at), action, key, code },
    severity: severest(conditions),
    ...timesOf(conditions),
    ...(customer && others.length === 0 && { customer }),
    accounts: accountsOf(conditions),
    regions: regionsOf(conditions),
    ...(destination !== undefined && { destination }),
    ...(publicUrl !== undefined && {
      link: linkTo(publicUrl, others.length === 0 ? customer?.id : undefined),
    }),
  };
}

function severest(conditions: Conditions): Severity {
  const ranks = conditions.map(({ type }) => SEVERITIES.indexOf(kindOf(type).severity));
  return SEVERITIES[Math.max(...ranks)] ?? 'critical';
}

function timesOf(conditions: Conditions): Pick<RelayEvent, 'since' | 'lastGoodAt'> {
  const since = earliest(conditions.map((each) => each.since));
  const lastGoodAt = earliest(conditions.map((each) => each.lastGoodAt));
  return { ...(since !== undefined && { since }), ...(lastGoodAt !== undefined && { lastGoodAt }) };
}

function earliest(times: readonly (number | undefined)[]): string | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : iso(Math.min(...known));
}

function reasonsText(reasons: readonly string[]): string {
  const more = reasons.length > MAX_REASONS ? `; and ${reasons.length - MAX_REASONS} more` : '';
  return reasons.slice(0, MAX_REASONS).join('; ') + more;
}

function listed({ customers, account, region, destination, code, reason, since }: Condition): object {
  return {
    ...(customers.length === 1 && { customer: customers[0]?.id }),
    ...{ account: account?.id, region, destination, code, reason },
    ...(since !== undefined && { since: iso(since) }),
  };
}

/** The page that shows problems first. */
function linkTo(publicUrl: string, customer: string | undefined): string {
  const url = new URL('./', publicUrl.endsWith('/') ? publicUrl : `${publicUrl}/`);
  if (customer !== undefined) url.searchParams.set('customer', customer);
  return url.href;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
