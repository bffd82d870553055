import { join } from 'node:path';
import { Registry } from 'prom-client';
import t, { type Test } from 'tap';

import { createReadMeter } from '../../agent/health/read-meter.ts';
import { createFarSiem } from '../support/far-siem.ts';
import { createLateGroup, type LateEvent } from '../support/late-group.ts';
import { HEARTBEAT } from '../support/log-events.ts';
import { createRelayWorld } from '../support/relay-world.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const EVENT_BYTES = 100;
interface Counting {
  readonly clock: VirtualClock;
  /** The value of one line of the metrics, named with its labels. */
  value(line: string): Promise<number>;
}

/** An agent that polls every 5 minutes, over 15 minutes. */
async function startCounting(t: Test, timesOf: (startAt: number) => readonly LateEvent[]): Promise<Counting> {
  const clock = createVirtualClock();
  const meter = createReadMeter();
  const registry = new Registry();
  meter.addTo(registry);
  const group = createLateGroup({
    ...{ clock, creationTime: clock.now(), eventBytes: EVENT_BYTES, events: timesOf(clock.now()) },
  });
  const siem = { maxRecords: 1_000, ackMs: () => 1 };
  const world = await createRelayWorld({
    ...{ clock, group, path: join(t.testdir({}), 'state.db'), random: () => 0.5 },
    engine: { meter, late: { overlapMinutes: 15, sweeps: [{ windowMinutes: 180, everyMinutes: 30 }] } },
    siems: new Map(['siem', 'lake'].map((id) => [id, createFarSiem({ ...siem, clock, destination: id })])),
  });
  t.teardown(() => world.close());
  world.start();
  t.teardown(() => world.stop());
  return {
    clock,
    async value(line) {
      const text = await registry.metrics();
      const found = text.split('\n').find((each) => each.startsWith(`${line} `));
      if (found === undefined) throw new Error(`the metrics have no ${line}`);
      return Number(found.slice(line.length));
    },
  };
}

function eventAt(timestamp: number, parts: Partial<LateEvent> = {}): LateEvent {
  const message = 'x'.repeat(EVENT_BYTES);
  return {
    id: `e${timestamp}`,
    message,
    stream: 's',
    timestamp,
    ingestionTime: timestamp,
    readableAt: timestamp,
    ...parts,
  };
}

t.test('bytes read count with every read, new bytes once for all destinations', async (t) => {
  const { clock, value } = await startCounting(t, (startAt) => [eventAt(startAt + SECOND_MS)]);
  const [before, pagesBefore] = [
    await value('guardrelay_read_bytes_total{kind="sweep"}'),
    await value('guardrelay_read_pages_total{kind="poll"}'),
  ];

  await clock.advance(12 * MINUTE_MS);

  t.same([before, pagesBefore], [0, 0], 'every kind is there before its first read');
  t.equal(await value('guardrelay_read_pages_total{kind="poll"}'), 3);
  t.equal(await value('guardrelay_read_bytes_total{kind="poll"}'), 2 * EVENT_BYTES);
  t.equal(await value('guardrelay_new_bytes_total'), EVENT_BYTES);
});

t.test('the lateness of an event is counted once, in seconds', async (t) => {
  const { clock, value } = await startCounting(t, (startAt) => [
    eventAt(startAt + SECOND_MS, { ingestionTime: startAt + 9 * SECOND_MS }),
    eventAt(startAt + 2 * SECOND_MS, { ingestionTime: startAt }),
  ]);

  await clock.advance(20 * MINUTE_MS);

  const late = 'guardrelay_source_lateness_seconds';
  t.equal(await value(`${late}_bucket{le="5",customer="acme"}`), 1, 'one that was stamped ahead is not late');
  t.equal(await value(`${late}_bucket{le="10",customer="acme"}`), 2);
  t.equal(await value(`${late}_sum{customer="acme"}`), 8);
});

t.test('a heartbeat is read, and goes to no destination', async (t) => {
  const { clock, value } = await startCounting(t, (startAt) => [
    eventAt(startAt + SECOND_MS, { message: HEARTBEAT }),
  ]);

  await clock.advance(12 * MINUTE_MS);

  t.equal(await value('guardrelay_read_bytes_total{kind="poll"}'), 2 * EVENT_BYTES);
  t.equal(await value('guardrelay_new_bytes_total'), 0);
});
