import t from 'tap';

import type { LogEvent } from '../../agent/model/log-event.ts';
import type { IngestionRule, Position, SourceState } from '../../agent/model/position.ts';
import { sourceKey } from '../../agent/model/source.ts';
import { normalize } from '../../agent/normalize/normalize.ts';
import { type AuditedDestination, auditSource } from '../../agent/relay/audit-source.ts';
import { type Standing, type Verdict, verdictOf } from '../../agent/relay/audit-verdict.ts';
import { HEARTBEAT_ARN, logEvent, SOURCE } from '../support/log-events.ts';
import { createScriptedReader } from '../support/scripted-reader.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.UTC(2026, 0, 10);
const BIT = 3;

const STATE: SourceState = {
  source: sourceKey(SOURCE),
  generation: 1,
  highWater: NOW - MINUTE,
  lastReadAt: NOW - MINUTE,
  dense: false,
  sweeps: [
    { windowMinutes: 3 * 60, doneAt: NOW - 20 * MINUTE },
    { windowMinutes: 25 * 60, doneAt: NOW - 5 * HOUR },
  ],
};
const POSITION: Position = {
  source: STATE.source,
  destination: 'siem',
  bit: BIT,
  floor: NOW - MINUTE,
  born: NOW - 48 * HOUR,
  mode: 'joined',
  grade: 'accepted',
  updatedAt: NOW,
};

function standing(part: Partial<Position> = {}): Standing {
  return { position: { ...POSITION, ...part }, state: STATE, overlapMs: 15 * MINUTE };
}

const PROVING: IngestionRule = {
  ...{ inForce: true, since: NOW - 30 * HOUR },
  covered: [{ from: NOW - 25 * HOUR, to: NOW - 20 * MINUTE, at: NOW - 20 * MINUTE, bits: [BIT] }],
};

/** An event of an hour ago, ingested at once. */
const PUNCTUAL = { timestamp: NOW - HOUR, ingestionTime: NOW - HOUR };

interface Case {
  readonly name: string;
  readonly timestamp?: number;
  readonly ingestionTime?: number;
  readonly mask?: bigint;
  readonly isQuarantined?: boolean;
  readonly isWanted?: boolean;
  readonly standing?: Standing | null;
  readonly verdict: Verdict;
}

const CASES: readonly Case[] = [
  { name: 'its bit is set', mask: 1n << BigInt(BIT), verdict: 'delivered' },
  { name: 'the bit of another destination is set', mask: 1n << 2n, verdict: 'missing' },
  {
    name: 'it is finished and in quarantine',
    mask: 1n << BigInt(BIT),
    isQuarantined: true,
    verdict: 'quarantined',
  },
  { name: 'it was delivered before the filter changed', mask: 8n, isWanted: false, verdict: 'delivered' },
  {
    name: 'a sweep stands for its id',
    standing: { ...standing(), state: { ...STATE, ingestionRule: PROVING } },
    verdict: 'delivered',
  },
  { name: 'the filter holds it back', isWanted: false, verdict: 'notOwed' },
  {
    name: 'it was ingested before the destination was born',
    standing: standing({ born: NOW - HOUR + 1 }),
    verdict: 'notOwed',
  },
  { name: 'no agent has begun', standing: null, verdict: 'waiting' },
  { name: 'it stands at the floor', standing: standing({ floor: PUNCTUAL.timestamp }), verdict: 'waiting' },
  {
    name: 'it stands below the floor',
    standing: standing({ floor: PUNCTUAL.timestamp + 1 }),
    verdict: 'missing',
  },
  {
    name: 'the next poll still reads it again',
    timestamp: NOW - 10 * MINUTE,
    ingestionTime: NOW - 10 * MINUTE,
    verdict: 'waiting',
  },
  {
    name: 'it came late, and no sweep was closed since',
    timestamp: NOW - 2 * HOUR,
    ingestionTime: NOW - 34 * MINUTE,
    verdict: 'waiting',
  },
  {
    name: 'it came late, and a sweep was closed since',
    timestamp: NOW - 2 * HOUR,
    ingestionTime: NOW - 36 * MINUTE,
    verdict: 'missing',
  },
  {
    name: 'it came in time, and no sweep of a dense source was closed since',
    timestamp: NOW - 34 * MINUTE,
    ingestionTime: NOW - 34 * MINUTE,
    standing: { ...standing(), state: { ...STATE, dense: true } },
    verdict: 'waiting',
  },
  {
    name: 'it came in time, and a sweep of a dense source was closed since',
    timestamp: NOW - 36 * MINUTE,
    ingestionTime: NOW - 36 * MINUTE,
    standing: { ...standing(), state: { ...STATE, dense: true } },
    verdict: 'missing',
  },
  {
    name: 'it came so late that only the longer sweep reaches it',
    timestamp: NOW - 20 * HOUR,
    ingestionTime: NOW - 36 * MINUTE,
    verdict: 'waiting',
  },
  {
    name: 'a sweep reached it only after the split of a destination that is behind',
    timestamp: NOW - 2 * HOUR,
    ingestionTime: NOW - 36 * MINUTE,
    standing: standing({
      ...{ mode: 'behind', splitAt: NOW },
      sweepsAtSplit: [{ windowMinutes: 180, doneAt: NOW - HOUR }],
    }),
    verdict: 'waiting',
  },
  {
    name: 'it came later than the split of a destination that is behind',
    standing: standing({ mode: 'behind', splitAt: NOW - 90 * MINUTE }),
    verdict: 'waiting',
  },
];

for (const { name, verdict, standing: stands = standing(), ...given } of CASES) {
  t.test(`an event is ${verdict} if ${name}`, (t) => {
    const { timestamp = PUNCTUAL.timestamp, ingestionTime = PUNCTUAL.ingestionTime } = given;
    const { mask = 0n, isQuarantined = false, isWanted = true } = given;
    const evidence = { event: { timestamp, ingestionTime }, mask, isQuarantined, isWanted };

    t.equal(verdictOf(evidence, stands ?? undefined), verdict);
    t.end();
  });
}

function finding(number: number, severity: number): LogEvent {
  const detail = { id: `f-${number}`, type: 'Recon:EC2/Portscan', severity, accountId: SOURCE.account };
  const message = JSON.stringify({ 'detail-type': 'GuardDuty Finding', source: 'aws.guardduty', detail });
  return { ...logEvent(message), ...PUNCTUAL, id: `id-${number}` };
}

function heartbeat(): LogEvent {
  const message = JSON.stringify({
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: SOURCE.account,
    region: SOURCE.region,
    resources: [HEARTBEAT_ARN],
    detail: {},
  });
  return { ...logEvent(message), ...PUNCTUAL, id: 'beat' };
}

t.test(
  'each destination is judged by its own filter, quarantine and position, and each event once',
  async (t) => {
    const reader = createScriptedReader(createVirtualClock(NOW), NOW - 48 * HOUR);
    reader.pageSize = 2;
    reader.events.push(finding(1, 8), finding(2, 2), finding(3, 8), heartbeat(), finding(1, 8));
    const refreshed: string[] = [];
    const destinations = ['siem', 'lake'].map(
      (id, bit): AuditedDestination => ({
        id,
        filter: id === 'siem' ? { minSeverity: 4 } : {},
        quarantine: {
          refresh: async () => void refreshed.push(id),
          holds: () => id === 'lake' && refreshed.filter((each) => each === 'lake').length > 1,
        },
        standing: standing({ destination: id, bit }),
      }),
    );

    const audit = await auditSource(
      {
        ...{ source: SOURCE, reader, destinations },
        normalize: (event) => normalize(event, SOURCE, { heartbeatRule: 'guardrelay-heartbeat' }),
        finished: async (keys) => keys.map((_, at) => (at === 0 ? 1n : 0n)),
      },
      { from: NOW - 2 * HOUR, to: NOW },
      AbortSignal.timeout(5_000),
    );

    t.equal(audit.events, 4);
    t.same(audit.counts, { delivered: 2, quarantined: 2, notOwed: 2, waiting: 0, missing: 2 });
    t.match(audit.missing, [
      { destination: 'lake', id: 'id-1' },
      { destination: 'lake', id: 'id-2', ...PUNCTUAL },
    ]);
    t.match(reader.plans, [{ what: 'audit', start: NOW - 2 * HOUR, end: NOW }]);
  },
);
