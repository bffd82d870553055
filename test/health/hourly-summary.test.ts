import t from 'tap';

import { hourlySummary } from '../../agent/health/hourly-summary.ts';
import type { ObservedSource } from '../../agent/health/overview.ts';
import type { HourPart } from '../../agent/model/hour-tally.ts';
import { HEALTH } from '../support/health-facts.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const FROM = Date.UTC(2026, 10, 21, 12);
const NOW = FROM + HOUR + 10 * MINUTE;

function sourceIn(region: string, parts: Partial<ObservedSource> = {}): ObservedSource {
  return {
    source: `acme/${region}`,
    ...{ customer: 'acme', account: '111122223333', region, logGroup: '/g', firstSeenAt: FROM - 9 * HOUR },
    facts: {
      pollSeconds: 60,
      lastReadAt: NOW - MINUTE,
      lastHeartbeatAt: NOW - 3 * MINUTE,
      destinations: {},
    },
    options: HEALTH,
    ...parts,
  };
}

function partOf(region: string, parts: Partial<HourPart> = {}): HourPart {
  const counts = { heartbeats: 12, findings: 0, changes: 0, quarantined: 0 };
  return { source: `acme/${region}`, region, ...counts, ...parts };
}

interface Hour {
  readonly sources: readonly ObservedSource[];
  readonly parts?: readonly HourPart[];
  readonly watchedMinutes?: number;
}

function summaryOf({ sources, parts = [], watchedMinutes = 60 }: Hour) {
  const customer = { id: 'acme', name: 'ACME Corporation' };
  return hourlySummary({ customer, agent: 'relay-1', from: FROM, now: NOW, sources, parts, watchedMinutes });
}

t.test('an hour in which everything came', async (t) => {
  const sources = [sourceIn('eu-west-1'), sourceIn('us-east-1')];
  const parts = [partOf('eu-west-1', { findings: 2, changes: 1 }), partOf('us-east-1', { findings: 1 })];

  const summary = summaryOf({ sources, parts });

  t.equal(summary.title, 'acme: 2 sources, 2 proven; 24 of 24 heartbeats; 3 findings; 1 change');
  t.match(summary, {
    ...{ type: 'guardrelay.summary', action: 'notice', severity: 'info' },
    accounts: [{ id: '111122223333' }],
    regions: [],
    details: {
      ...{ from: '2026-11-21T12:00:00.000Z', to: '2026-11-21T13:00:00.000Z', agent: 'relay-1' },
      sources: { quiet: 2, silent: 0 },
      heartbeats: { expected: 24, received: 24, missing: [] },
      ...{ findings: 3, changes: 1, quarantined: 0, worst: [], minutesWithoutAgent: 0, unreadMinutes: 0 },
    },
  });
});

t.test('what did not come is named, with the source that is worst', async (t) => {
  const facts = { pollSeconds: 60, lastReadAt: NOW, lastHeartbeatAt: FROM + 19 * MINUTE, destinations: {} };
  const sources = [sourceIn('eu-west-1'), sourceIn('us-east-1', { facts })];
  const parts = [
    partOf('eu-west-1', { heartbeats: 11 }),
    partOf('us-east-1', { heartbeats: 4, quarantined: 2 }),
  ];

  const { title, details } = summaryOf({ sources, parts });

  t.equal(title, 'acme: 2 sources, 1 proven, 1 silent; 15 of 24 heartbeats; 0 findings; 2 quarantined');
  t.match(details, {
    heartbeats: {
      missing: [
        { region: 'us-east-1', expected: 12, received: 4, lastAt: '2026-11-21T12:19:00.000Z' },
        { region: 'eu-west-1', expected: 12, received: 11 },
      ],
    },
    worst: [{ account: '111122223333', region: 'us-east-1', state: 'silent', reason: 'heartbeat missing' }],
  });
});

t.test('what nobody read or watched is said to be not counted', async (t) => {
  const unread = { pollSeconds: 60, lastReadAt: FROM + 30 * MINUTE, destinations: {} };
  const sources = [sourceIn('eu-west-1'), sourceIn('us-east-1', { facts: unread })];
  const parts = [partOf('eu-west-1'), partOf('us-east-1', { heartbeats: 6 })];

  const { title, details } = summaryOf({ sources, parts, watchedMinutes: 37 });

  t.match(
    title,
    /18 of 18 heartbeats; 0 findings; 30 min of log groups not read; no agent ran for 23 of 60 min$/,
  );
  t.match(details, { minutesWithoutAgent: 23, unreadMinutes: 30, heartbeats: { missing: [] } });
});

const expectations: readonly { name: string; source: ObservedSource; expected: number; received: number }[] =
  [
    {
      name: 'a source that came in the middle of the hour',
      source: sourceIn('eu-west-1', { firstSeenAt: FROM + 29 * MINUTE }),
      ...{ expected: 6, received: 12 },
    },
    {
      name: 'a source that came after the hour',
      source: sourceIn('eu-west-1', { firstSeenAt: FROM + HOUR }),
      ...{ expected: 0, received: 12 },
    },
    {
      name: 'a heartbeat every minute',
      source: sourceIn('eu-west-1', { options: { ...HEALTH, heartbeatMinutes: 1 } }),
      ...{ expected: 60, received: 12 },
    },
    {
      name: 'heartbeats that are off',
      source: sourceIn('eu-west-1', { options: { ...HEALTH, heartbeat: 'off' } }),
      ...{ expected: 0, received: 0 },
    },
    {
      name: 'a hub of two regions',
      source: sourceIn('eu-west-1', {
        facts: {
          ...{ pollSeconds: 60, lastReadAt: NOW, destinations: {} },
          origins: { 'eu-west-1': { since: 0 }, 'us-east-1': { since: FROM + 30 * MINUTE } },
        },
      }),
      ...{ expected: 18, received: 12 },
    },
  ];

for (const { name, source, expected, received } of expectations) {
  t.test(`heartbeats expected of ${name}: ${expected}`, async (t) => {
    const { details } = summaryOf({ sources: [source], parts: [partOf('eu-west-1')] });

    t.match(details, { heartbeats: { expected, received } });
  });
}

t.test('a customer with thousands of regions has a notice of a bounded size', async (t) => {
  const sources = Array.from({ length: 3_000 }, (_, index) =>
    sourceIn('eu-west-1', {
      source: `s${index}`,
      account: String(100_000_000_000 + index),
      facts: {
        pollSeconds: 60,
        lastReadAt: NOW,
        lastHeartbeatAt: FROM,
        destinations: {},
      },
    }),
  );

  const summary = summaryOf({ sources });

  t.match(summary.details, { heartbeats: { moreMissing: 2_950 } });
  t.same(summary.accounts, [], 'of many accounts none is the one');
  t.ok(JSON.stringify(summary).length < 10_000, `${JSON.stringify(summary).length} bytes`);
});

t.test('one hour of a customer has one id, whatever happened in it', async (t) => {
  const one = summaryOf({ sources: [sourceIn('eu-west-1')] });
  const other = summaryOf({ sources: [], watchedMinutes: 3 });
  const globex = hourlySummary({
    ...{ customer: { id: 'globex' }, agent: 'relay-1', from: FROM, now: NOW, sources: [], parts: [] },
    watchedMinutes: 60,
  });

  t.equal(one.id, other.id);
  t.not(one.id, globex.id);
});
