import t from 'tap';

import { createMetrics } from '../../agent/health/metrics.ts';
import { overview } from '../../agent/health/overview.ts';
import { createReadMeter } from '../../agent/health/read-meter.ts';
import { systemClock } from '../../agent/model/clock.ts';
import { silentLogger } from '../../agent/model/logger.ts';
import { createDestination } from '../../agent/relay/destinations.ts';
import { destinationOptions } from '../../agent/ship/sinks/index.ts';
import { enveloped } from '../support/log-events.ts';
import { renderable } from '../support/rendering.ts';

const PARTS = {
  ...{ agentId: 'relay-1', clock: systemClock, random: () => 0 },
  ...{ logger: silentLogger, readSecret: async () => '', proxyFor: () => undefined },
};

t.test('a destination may leave the original text out of a format that has its own', async (t) => {
  const rec = renderable(enveloped({ note: 'x' }));
  const rows: readonly [options: object, has: boolean][] = [
    [{}, true],
    [{ rawData: false }, false],
  ];

  for (const [more, has] of rows) {
    const webhook = { id: 'siem', type: 'webhook', url: 'https://siem.example.com', format: 'ocsf' };
    const options = destinationOptions.parse({ ...webhook, ...more });
    const destination = createDestination(options, { ...PARTS, dataDir: t.testdir({}) });
    t.teardown(() => destination.shipper.close(0));

    t.equal(destination.encode(rec).bytes.includes('"raw_data":'), has);
  }
});

t.test('what a format cannot do is counted, and nothing is left out', async (t) => {
  const options = destinationOptions.parse({
    ...{ id: 'siem', type: 'webhook', url: 'https://siem.example.com', format: 'json' },
    batch: { maxBytes: 2_048 },
  });
  const destination = createDestination(options, { ...PARTS, dataDir: t.testdir({}) });
  t.teardown(() => destination.shipper.close(0));
  const metrics = createMetrics({
    version: '0.0.0',
    overview: () => overview([], 0),
    now: () => 0,
    meters: [createReadMeter()],
    destinations: () => [
      {
        ...{ id: 'siem', format: 'json', isUp: true, skipped: 3, inQuarantine: 2 },
        ...{ ...destination.shipper.status(), ...destination.tally },
      },
    ],
  });
  const rows = [
    { record: renderable('{"a":1}'), tally: { truncated: 0, unmapped: 0 } },
    { record: renderable(enveloped({ note: 'x'.repeat(3_000) })), tally: { truncated: 1, unmapped: 0 } },
    { record: { ...renderable('{"a":1}'), time: Number.NaN }, tally: { truncated: 1, unmapped: 1 } },
    { record: renderable('{"a":2}'), tally: { truncated: 1, unmapped: 1 } },
  ];

  for (const { record, tally } of rows) {
    const { bytes } = destination.encode(record);

    t.match(bytes.toString(), /^\{.*\}\n$/);
    t.same(destination.tally, tally);
  }
  const text = await metrics();
  t.match(text, 'guardrelay_truncated_total{destination="siem"} 1');
  t.match(text, 'guardrelay_normalize_errors_total{destination="siem",format="json"} 1');
  t.match(text, 'guardrelay_copies_skipped_total{destination="siem"} 3');
  t.match(text, 'guardrelay_quarantine_records{destination="siem"} 2');
});
