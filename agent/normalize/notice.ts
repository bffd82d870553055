import type { Rec } from '../model/record.ts';
import type { RelayEvent } from '../model/relay-event.ts';

/** What the agent itself has to say, as a record for the SIEM. */
export function noticeRecord(event: RelayEvent): Extract<Rec, { kind: 'notice' }> {
  const [region = ''] = event.regions;
  const [account] = event.accounts;
  return {
    kind: 'notice',
    key: event.id,
    raw: JSON.stringify(event),
    account: account?.id ?? '',
    ...(account?.name === undefined ? {} : { accountName: account.name }),
    region,
    partition: partitionOf(region),
    time: Date.parse(event.at),
    customer: event.customer?.id ?? '',
    notice: event,
  };
}

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
