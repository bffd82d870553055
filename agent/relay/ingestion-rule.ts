import { hash } from 'node:crypto';

import { eventKey } from '../model/event-key.ts';
import type { IngestionRule } from '../model/position.ts';
import type { RelayEvent } from '../model/relay-event.ts';
import type { Source } from '../model/source.ts';
import { noticeRecord } from '../normalize/notice.ts';
import type { Handout } from './handout.ts';
import type { RunContext } from './run-context.ts';
import { noteIngestionRule } from './source-memory.ts';

/** Decides for one source whether the id of each finished event is kept, and tells its destinations. */
export interface IngestionRuling {
  /** To be called before a lease may end; does nothing unless a sweep was closed since. */
  review(): Promise<void>;
}

interface RulingOptions {
  /** More finished ids than this are not kept. */
  readonly maxFinishedIds: number;
  serviceNow(): number;
}

export function createIngestionRuling(
  context: RunContext,
  handout: Handout,
  { maxFinishedIds, serviceNow }: RulingOptions,
): IngestionRuling {
  const { progress, store, lease, memory, clock, logger } = context;
  // At first as if one had been closed: a notice may have been lost with the last owner of the source.
  let reviewed = -1;

  async function isOverfull(): Promise<boolean> {
    return (await store.finishedCount(lease, maxFinishedIds + 1)) > maxFinishedIds;
  }

  /** Ids are not all kept only while there are too many of them, and never where a source holds little. */
  async function decide(): Promise<void> {
    const isDense = progress.state.dense === true;
    const isInForce = progress.state.ingestionRule?.inForce === true;
    const shouldBe = isDense && (isInForce || (await isOverfull()));
    if (shouldBe !== isInForce) progress.followIngestionRule(shouldBe, serviceNow());
  }

  /** What a destination has acknowledged stands in the store among its finished events. */
  async function tell(rule: IngestionRule): Promise<void> {
    const notice = ruleNotice(rule, lease.spec, clock.now());
    const key = eventKey('ingestion rule', notice.id);
    const [mask = 0n] = await store.finished(lease, [key]);
    const untold = progress.positions.filter(
      ({ destination, mode, bit }) =>
        mode === 'joined' && !(mask & (1n << BigInt(bit))) && !progress.ledger(destination).knows(key),
    );
    if (untold.length > 0) logger.warn(notice.title, { code: notice.code, source: lease.source });
    for (const { destination } of untold) {
      const place = { key, timestamp: progress.state.highWater };
      handout.giveNotice(destination, noticeRecord(notice), place);
    }
  }

  return {
    async review() {
      const closedSweeps = progress.closeSweeps();
      if (closedSweeps === reviewed) return;
      if (closedSweeps > 0) await decide();
      reviewed = closedSweeps;
      const { ingestionRule } = progress.state;
      noteIngestionRule(memory, ingestionRule);
      if (ingestionRule) await tell(ingestionRule);
    },
  };
}

/** What the SIEM and people are told. */
function ruleNotice({ inForce, since }: IngestionRule, source: Source, now: number): RelayEvent {
  const { customer, account, region, logGroup } = source;
  const id = hash('sha256', [customer, account, region, logGroup, inForce, since].join('\n'));
  const what = inForce
    ? 'has too many events to remember each: one that becomes readable more than 30 minutes after its ingestion may be missed'
    : 'has few enough events to remember each of them again';
  return {
    schema: 'guardrelay.event/v1',
    id,
    at: new Date(now).toISOString(),
    action: 'notice',
    key: `guardrelay/${customer}/${account}/${region}/source.ingestion-rule`,
    type: 'source.ingestion-rule',
    severity: inForce ? 'medium' : 'info',
    code: 'SRC-004',
    title: `The log group of ${account} ${region} ${what}`,
    customer: { id: customer },
    accounts: [{ id: account }],
    regions: [region],
    details: { inForce, since: new Date(since).toISOString(), logGroup },
  };
}
