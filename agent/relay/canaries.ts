import { createHmac, timingSafeEqual } from 'node:crypto';

import type { JsonObject } from '../model/json.ts';
import { isRenderable, type Rec, type RenderableRec, type SourceRec } from '../model/record.ts';
import type { RelayEvent } from '../model/relay-event.ts';
import { textOf } from '../normalize/lenient.ts';
import { asUnknown } from '../normalize/normalize.ts';
import { noticeRecord } from '../normalize/notice.ts';

/** Where a canary is put: the rule there must pass it on. */
interface CanaryPlace {
  readonly customer: string;
  readonly account: string;
  readonly region: string;
}

/** What a canary carries. */
interface CanaryDetail extends JsonObject {
  readonly id: string;
  /** ISO 8601. */
  readonly sentAt: string;
  readonly agent: string;
  /** Asked for by a person, and therefore relayed to the SIEM as a notice. */
  readonly test?: true;
}

/** Makes the canaries of one store, and knows them again without having kept them. */
export interface Canaries {
  issue(place: CanaryPlace, sentAt: number, isTest?: boolean): CanaryDetail;
  isOwn(record: CanaryRec): boolean;
}

/** What a canary becomes which a person asked for. */
const TEST_NOTICE = 'guardrelay.test';

export type CanaryRec = Extract<SourceRec, { kind: 'heartbeat' | 'canary' }>;

/** `secret`: of the store. Whoever does not know it cannot make a canary that is taken for one of ours. */
export function createCanaries(secret: string, agent: string): Canaries {
  function idOf({ customer, account, region }: CanaryPlace, sentAt: string, test: boolean): string {
    const text = ['canary', customer, account, region, sentAt, String(test)].join('\n');
    return `gr-${createHmac('sha256', secret).update(text).digest('hex').slice(0, 24)}`;
  }

  return {
    issue(place, sentAt, isTest = false) {
      const at = new Date(sentAt).toISOString();
      return { id: idOf(place, at, isTest), sentAt: at, agent, ...(isTest && { test: true as const }) };
    },
    isOwn({ detail, account, region, origin }) {
      const place = { customer: origin.source.customer, account, region };
      const expected = idOf(place, textOf(detail.sentAt) ?? '', detail.test === true);
      return isSame(expected, textOf(detail.id) ?? '');
    },
  };
}

/**
 * What a log event is to this agent: its own canaries are absorbed like heartbeats, those that a person asked for go
 * out as a notice, and those of others like any unknown event.
 */
export function judgeCanaries(
  records: readonly SourceRec[],
  canaries?: Canaries,
  onForeign = (): void => {},
): readonly Rec[] {
  return records.map((record) => {
    if (record.kind !== 'canary') return record;
    if (!canaries?.isOwn(record)) {
      onForeign();
      return asUnknown(record);
    }
    return record.detail.test === true ? noticeRecord(testNotice(record)) : record;
  });
}

/** Those of the records that a destination may get. */
export function renderableOf(records: readonly Rec[]): readonly RenderableRec[] {
  return records.filter(isRenderable);
}

/** When it was put, by AWS's clock, epoch ms. */
export function sentAtOf({ detail }: CanaryRec): number {
  return Date.parse(textOf(detail.sentAt) ?? '');
}

function testNotice({ detail, account, region, origin, time }: CanaryRec): RelayEvent {
  const id = textOf(detail.id) ?? '';
  const { customer } = origin.source;
  return {
    schema: 'guardrelay.event/v1',
    id,
    at: new Date(time).toISOString(),
    action: 'notice',
    key: `guardrelay/${customer}/${account}/${region}/${TEST_NOTICE}`,
    type: TEST_NOTICE,
    severity: 'info',
    code: '',
    title: `Test ${id} has come through ${account} ${region}`,
    customer: { id: customer },
    accounts: [{ id: account }],
    regions: [region],
    details: { sentAt: detail.sentAt, agent: detail.agent },
  };
}

function isSame(expected: string, given: string): boolean {
  const [one, other] = [Buffer.from(expected), Buffer.from(given)];
  return one.length === other.length && timingSafeEqual(one, other);
}
