import { hash } from 'node:crypto';

import type { RenderableRec } from '../model/record.ts';
import type { Happening } from '../notify/memory.ts';
import type { Names } from './source-conditions.ts';

type ChangeRecord = Extract<RenderableRec, { kind: 'config-change' }>;

/** A change that somebody made to GuardDuty, for people; undefined: it is no news. */
export function changeHappening(record: RenderableRec, names: Names, now: number): Happening | undefined {
  if (record.kind !== 'config-change' || record.replay || record.backfill) return undefined;
  const { customer: customerId } = record.origin.source;
  const { change, account: accountId, region } = record;
  const customer = names.customer(customerId);
  const account = names.account(customerId, accountId);
  const id = hash('sha256', ['config-change', customerId, change.eventId ?? record.key].join('\n'));
  return {
    topic: [customerId, 'config-change', change.eventName, change.actor].join('/'),
    event: {
      schema: 'guardrelay.event/v1',
      id,
      at: new Date(now).toISOString(),
      action: 'notice',
      key: `guardrelay/${customerId}/${accountId}/${region}/config-change/${id.slice(0, 16)}`,
      type: 'config-change',
      severity: change.severity,
      code: change.eventName,
      title: `${customer.name ?? customerId} / ${accountId}${nameText(account.name)} / ${region}: ${change.sentence}`,
      since: new Date(record.time).toISOString(),
      customer,
      accounts: [account],
      regions: [region],
      command: `guardrelay search ${accountId}`,
      details: detailsOf(record),
    },
  };
}

function nameText(name: string | undefined): string {
  return name === undefined ? '' : ` ${name}`;
}

function detailsOf({ change }: ChangeRecord): Readonly<Record<string, unknown>> {
  const { actor, source, eventName, eventId, userAgent, errorCode } = change;
  return { eventName, actor, source, userAgent, errorCode, eventId };
}
