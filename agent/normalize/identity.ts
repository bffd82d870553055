import { hash } from 'node:crypto';

import type { Finding } from '../model/finding.ts';
import type { Origin } from '../model/record.ts';
import type { Classified } from './classify.ts';
import { accountOf, arnPart, nameOf } from './lenient.ts';
import type { Place } from './parse/place.ts';
import { present } from './present.ts';
import { ms } from './time.ts';

/** Samples that people copy around carry the epoch; no event of GuardDuty is as old as this. */
const EARLIEST_MS = Date.UTC(1971, 0, 1);

/** The account that the record is about: a member's id stands in the detail, its administrator's around it. */
function accountIn({ kind, detail, envelope }: Classified): string | undefined {
  switch (kind) {
    case 'finding':
      return accountOf(detail.accountId) ?? arnPart(detail.arn, 4) ?? envelope?.account;
    case 'config-change':
      return accountOf(detail.recipientAccountId) ?? envelope?.account;
    case 'guardduty-event':
    case 'heartbeat':
    case 'canary':
    case 'unknown':
      return (
        accountOf(detail.accountId) ??
        envelope?.account ??
        accountOf(detail.recipientAccountId) ??
        envelope?.resources.map((arn) => arnPart(arn, 4)).find((account) => account !== undefined)
      );
  }
}

/** Where the record belongs; what it does not say is known from the log group. */
export function placeOf(classified: Classified, { source }: Origin): Place {
  const { detail, envelope } = classified;
  const account = accountIn(classified) ?? source.account;
  const receiver = envelope?.account;
  return present({
    account,
    adminAccount: receiver === account ? undefined : receiver,
    region: nameOf(detail.region) ?? nameOf(detail.awsRegion) ?? envelope?.region ?? source.region,
    partition: nameOf(detail.partition) ?? arnPart(detail.arn, 1) ?? (source.partition || 'aws'),
  });
}

function toldTime({ kind, detail }: Classified): number | undefined {
  if (kind === 'finding') return ms(detail.updatedAt);
  return kind === 'config-change' ? ms(detail.eventTime) : undefined;
}

/** When it happened: what the record says, then the envelope, then the log group. Never 0, never now. */
export function timeOf(classified: Classified, { timestamp, ingestionTime }: Origin): number {
  const times = [toldTime(classified), classified.envelope?.time, timestamp];
  return times.find((time) => time !== undefined && time >= EARLIEST_MS) ?? ingestionTime;
}

/** The same for all copies of one update of a finding, another for the next update. */
export function findingKey({ arn, id, updated, count }: Finding, raw: string): string {
  const name = arn ?? id;
  if (name === undefined || updated === undefined) return hash('sha256', raw);
  return hash('sha256', `finding\n${name}\n${updated}\n${count ?? ''}`);
}
