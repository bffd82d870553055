import { readFile } from 'node:fs/promises';

import t from 'tap';
import { parse } from 'yaml';

import { createMeters } from '../../agent/health/meters.ts';
import { createMetrics } from '../../agent/health/metrics.ts';
import { overview } from '../../agent/health/overview.ts';
import type { RenderableRec } from '../../agent/model/record.ts';
import { plainChange, recordBase, recordNamed } from '../support/ship-records.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const KNOWN = {
  customers: [{ id: 'acme', overlapMinutes: 15 }],
  ...{ destinations: ['siem'], channels: ['slack'] },
};

/** Every name of ours that stands in a text of expressions. */
function namesIn(text: string): readonly string[] {
  return [...new Set(text.match(/guardrelay_[a-z_]+/g) ?? [])].toSorted();
}

function file(path: string): Promise<string> {
  return readFile(new URL(`../../${path}`, import.meta.url), 'utf8');
}

async function scrape(meters = createMeters(KNOWN)): Promise<string> {
  return createMetrics({
    version: '0.0.0',
    overview: () => overview([], NOW),
    destinations: () => [],
    meters: meters.all,
    now: () => NOW,
  })();
}

for (const path of ['config/prometheus/guardrelay.rules.yml', 'config/grafana/guardrelay.json']) {
  t.test(`${path} asks for metrics that the agent has`, async (t) => {
    const known = new Set(namesIn(await scrape()));

    const wanted = namesIn(JSON.stringify(parse(await file(path)))).filter((name) => !known.has(name));

    t.same(wanted, []);
  });
}

t.test('the counters behind alerts are there with 0 before anything happens', async (t) => {
  const text = await scrape();

  for (const severity of ['info', 'low', 'medium', 'high', 'critical']) {
    t.match(text, `guardrelay_config_changes_total{customer="acme",severity="${severity}"} 0`);
  }
  t.match(text, 'guardrelay_end_to_end_lag_seconds_count{destination="siem"} 0');
});

t.test('a change counts by how much it matters, and a record by the time that it took', async (t) => {
  const meters = createMeters(KNOWN);
  const { records } = meters;
  const change: RenderableRec = {
    ...recordBase,
    ...{ kind: 'config-change', key: 'k', raw: '{}', detail: {} },
    change: { ...plainChange(true), severity: 'high' },
  };

  records.handedOut({ customer: 'acme', region: 'eu-west-1' }, [change, recordNamed('r')]);
  records.acknowledged('siem', change, recordBase.origin.timestamp + 45_000);
  records.acknowledged('siem', { ...change, replay: true }, recordBase.origin.timestamp + 86_400_000);

  const text = await scrape(meters);
  t.match(text, 'guardrelay_config_changes_total{customer="acme",severity="high"} 1');
  t.match(
    text,
    'guardrelay_events_received_total{customer="acme",region="eu-west-1",kind="config-change"} 1',
  );
  t.match(text, 'guardrelay_end_to_end_lag_seconds_sum{destination="siem"} 45');
});
