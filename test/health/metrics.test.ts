import { readFile } from 'node:fs/promises';
import t, { type Test } from 'tap';

import { openSession } from '../../agent/commands/session/agent-session.ts';
import type { Config } from '../../agent/config/config.ts';
import { parseConfig } from '../../agent/config/parse.ts';
import { createMeters } from '../../agent/health/meters.ts';
import { createMetrics, type MetricsInput } from '../../agent/health/metrics.ts';
import { createOutboxMeter } from '../../agent/health/outbox-meter.ts';
import { overview } from '../../agent/health/overview.ts';
import { SOURCE_STATES } from '../../agent/health/states.ts';
import type { SourceFacts } from '../../agent/model/source-facts.ts';
import { NOW, observed, PROVEN, TAKING } from '../support/health-facts.ts';
import { recordNamed } from '../support/ship-records.ts';

const PLACE = { customer: 'acme', region: 'eu-west-1' };

interface Described {
  readonly type: string;
  readonly labels: readonly string[];
}

/** The table of the page. */
async function documented(): Promise<ReadonlyMap<string, Described>> {
  const page = await readFile(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
  const rows = page.matchAll(/^\| `(\w+)` \| (gauge|counter|histogram) \| ([^|]*) \|/gm);
  return new Map(
    [...rows].map(([, name = '', type = '', labels = '']) => [
      `guardrelay_${name}`,
      { type, labels: labels.match(/\w+/g)?.toSorted() ?? [] },
    ]),
  );
}

/** Name and type of every metric of ours in a scrape. */
function typesIn(text: string): ReadonlyMap<string, string> {
  const lines = text.matchAll(/^# TYPE (guardrelay_\w+) (\w+)$/gm);
  return new Map([...lines].map(([, name = '', type = '']) => [name, type]));
}

/** The labels of every metric of ours that has a value. */
function labelsIn(text: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const [, name = '', labels = ''] of text.matchAll(/^(guardrelay_\w+?)(?:\{(.*)\})? \S+$/gm)) {
    const names = [...labels.matchAll(/(\w+)="/g)].map(([, label = '']) => label);
    const own = names.filter((label) => label !== 'le').toSorted();
    found.set(typesIn(text).has(name) ? name : name.replace(/_(bucket|sum|count)$/, ''), own);
  }
  return found;
}

async function configIn(dataDir: string): Promise<Config> {
  const parsed = parseConfig(
    JSON.stringify({
      version: 1,
      agent: { id: 'relay-1', dataDir, spool: { dir: `${dataDir}/spool` } },
      customers: [
        {
          ...{ id: 'acme', auth: { type: 'default' }, accounts: { collect: ['111111111111'] } },
          ...{ regions: ['eu-west-1'], destinations: [{ id: 'siem' }] },
        },
      ],
      destinations: [{ id: 'siem', type: 'webhook', url: 'https://siem.example.com' }],
    }),
    {},
  );
  if (parsed.kind === 'mistaken') throw new Error(JSON.stringify(parsed.mistakes));
  return parsed.config;
}

async function scrapeOf(t: Test): Promise<string> {
  const config = await configIn(t.testdir({ spool: {} }));
  await using session = await openSession({ config, once: false });
  return await session.view.metrics();
}

function metrics(parts: Partial<MetricsInput> = {}): () => Promise<string> {
  return createMetrics({
    ...{
      version: '0',
      overview: () => overview([], NOW),
      destinations: () => [],
      meters: [],
      now: () => NOW,
    },
    ...parts,
  });
}

/** A scrape of an agent to which everything has happened once. */
async function busyScrape(): Promise<string> {
  const meters = createMeters({
    customers: [{ id: 'acme', overlapMinutes: 15 }],
    ...{ destinations: ['siem'], channels: ['slack'] },
  });
  meters.calls.answered({ service: 'logs', operation: 'FilterLogEvents', outcome: 'ok' });
  meters.canaries.lost(PLACE);
  meters.canaries.foreign(PLACE);
  meters.records.handedOut(PLACE, [recordNamed('r')]);
  meters.records.acknowledged('siem', recordNamed('r'), NOW);
  meters.reads.handedOut('acme', { id: '1', timestamp: 0, ingestionTime: 1, stream: 's', message: 'm' });
  const facts: SourceFacts = {
    ...{ ...PROVEN, lastCanaryAt: NOW, lastEventAt: NOW, retentionDays: 30 },
    canary: { sentAt: NOW, isAwaited: false, missed: 0, roundTripMs: 6_000 },
    destinations: { siem: { ...TAKING, certificateExpiresAt: NOW } },
  };
  return await metrics({
    overview: () => overview([observed('eu-west-1', facts)], NOW),
    destinations: () => [
      {
        ...{ id: 'siem', format: 'raw', isUp: true, queuedRecords: 0, queuedBytes: 0, quarantined: 0 },
        ...{ inQuarantine: 0, truncated: 0, unmapped: 0, skipped: 0 },
      },
    ],
    meters: [
      ...meters.all,
      createOutboxMeter({ destinations: ['siem'], waiting: async () => new Map([['siem', 1]]) }),
    ],
    members: () => [{ customer: 'acme', status: 'Enabled', accounts: 3 }],
    spoolBytes: () => 7,
  })();
}

t.test('an agent has the metrics of the page, with their types, and no others', async (t) => {
  const pages = await documented();
  const types = typesIn(await scrapeOf(t));

  t.same([...types.keys()].toSorted(), [...pages.keys()].toSorted());
  for (const [name, type] of types) t.equal(type, pages.get(name)?.type, name);
});

t.test('they have the labels of the page', async (t) => {
  const pages = await documented();
  const labels = labelsIn(await busyScrape());

  t.same([...labels.keys()].toSorted(), [...pages.keys()].toSorted(), 'each has a value');
  for (const [name, names] of labels) t.same(names, pages.get(name)?.labels, name);
});

t.test(
  'counters behind alerts are there with 0 at the first scrape, of all that is configured',
  async (t) => {
    const text = await scrapeOf(t);
    const lines = [
      'events_dropped_total{reason="expired"}',
      'events_dropped_total{reason="deleted"}',
      'events_quarantined_total{destination="siem"}',
      'events_malformed_total{customer="acme"}',
      'events_late_total{customer="acme"}',
      'truncated_total{destination="siem"}',
      'normalize_errors_total{destination="siem",format="raw"}',
      ...['info', 'low', 'medium', 'high', 'critical'].map(
        (severity) => `config_changes_total{customer="acme",severity="${severity}"}`,
      ),
      ...['ok', 'retry', 'reject', 'blocked'].map(
        (outcome) => `delivery_attempts_total{destination="siem",outcome="${outcome}"}`,
      ),
      ...['ok', 'fenced', 'failed'].map((outcome) => `checkpoint_commits_total{outcome="${outcome}"}`),
      'end_to_end_lag_seconds_count{destination="siem"}',
      'delivery_duration_seconds_count{destination="siem"}',
    ];

    for (const line of lines) t.match(text, `\nguardrelay_${line} 0\n`);
  },
);

t.test('every state of a customer is there, whether a source is in it or not', async (t) => {
  const text = await metrics({ overview: () => overview([observed('eu-west-1')], NOW) })();

  for (const state of SOURCE_STATES) {
    t.match(text, `guardrelay_sources{customer="acme",state="${state}"} ${state === 'quiet' ? 1 : 0}`);
  }
});

t.test('above 2,000 sources only those with a problem have gauges of their own', async (t) => {
  const { lastHeartbeatAt: _, ...silent } = PROVEN;
  const table: { perSource: MetricsInput['perSource']; sources: number; shown: number }[] = [
    { perSource: 'auto', sources: 2_000, shown: 2_000 },
    { perSource: 'auto', sources: 2_001, shown: 1 },
    { perSource: 'all', sources: 2_001, shown: 2_001 },
    { perSource: 'problems', sources: 3, shown: 1 },
    { perSource: 'none', sources: 3, shown: 0 },
  ];

  for (const { perSource, sources, shown } of table) {
    const rows = Array.from({ length: sources }, (_, at) => observed(`r${at}`, at === 0 ? silent : PROVEN));
    const seen = overview(rows, NOW);
    const text = await metrics({ overview: () => seen, ...(perSource && { perSource }) })();

    const what = `${perSource} with ${sources}`;
    t.equal(text.match(/^guardrelay_source_last_read_timestamp_seconds\{/gm)?.length ?? 0, shown, what);
    t.match(text, `guardrelay_sources{customer="acme",state="quiet"} ${sources - 1}`, what);
  }
});

t.test('a batch counts once, by the worst that was said of one of its records', async (t) => {
  const { deliveries } = createMeters({ customers: [], destinations: ['siem'], channels: [] });
  const [ok, reject] = [{ kind: 'ok', grade: 'accepted' } as const, { kind: 'reject', why: '' } as const];

  deliveries.answered('siem', [ok, ok], 40);
  deliveries.answered('siem', [ok, reject], 60);
  deliveries.answered('siem', [reject, { kind: 'retry', why: '' }, ok], 0);

  const text = await metrics({ meters: [deliveries] })();
  for (const outcome of ['ok', 'reject', 'retry']) {
    t.match(text, `guardrelay_delivery_attempts_total{destination="siem",outcome="${outcome}"} 1`);
  }
  t.match(text, 'guardrelay_delivery_duration_seconds_sum{destination="siem"} 0.1');
});

t.test('what a log group holds is no label, whatever it says of itself', async (t) => {
  const { records } = createMeters({ customers: [], destinations: [], channels: [] });

  records.handedOut(PLACE, [{ ...recordNamed('r'), region: 'nowhere-1' }]);

  const text = await metrics({ meters: [records] })();
  t.match(text, 'guardrelay_events_received_total{customer="acme",region="eu-west-1",kind="unparsed"} 1');
  t.notMatch(text, 'nowhere-1');
});
