import t, { type Test } from 'tap';

import { systemClock } from '../../agent/model/clock.ts';
import { silentLogger } from '../../agent/model/logger.ts';
import { isRenderable, type RenderableRec } from '../../agent/model/record.ts';
import { noticeRecord } from '../../agent/normalize/notice.ts';
import { backfilled } from '../../agent/relay/backfill.ts';
import type { Destination } from '../../agent/relay/destination.ts';
import { createQuarantineWatch } from '../../agent/relay/quarantine-watch.ts';
import { restore } from '../../agent/relay/restore.ts';
import { retry } from '../../agent/relay/retry.ts';
import { createQuarantine, quarantineFolder, quarantinePath } from '../../agent/ship/quarantine.ts';
import { listQuarantine, readEntry } from '../../agent/ship/quarantine-list.ts';
import { createShipper } from '../../agent/ship/shipper.ts';
import {
  enveloped,
  findingFixtures,
  HEARTBEAT,
  NOTICE,
  recordOf,
  recordsOf,
  workedExample,
} from '../support/log-events.ts';
import { cloudTrailCall } from '../support/other-events.ts';
import { createScriptedSink, REJECT, type ScriptedSink, TAKEN } from '../support/scripted-sink.ts';
import { recordNamed } from '../support/ship-records.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const CUSTOMER = { name: 'Acme', tags: { tier: 'gold' } };
const READING = { heartbeatRule: 'guardrelay-heartbeat', customer: CUSTOMER };

/** A destination that answers as scripted. Refused records stand in its file of this directory. */
function destinationAt(dataDir: string, sink: ScriptedSink = createScriptedSink()): Destination {
  return {
    id: 'siem',
    tally: { truncated: 0, unmapped: 0 },
    wants: () => true,
    encode: sink.encode,
    shipper: createShipper({
      ...{ destination: 'siem', sink, clock: systemClock, random: () => 0, logger: silentLogger },
      ...{ lone: 'quarantine', quarantine: createQuarantine(quarantinePath(dataDir, 'siem')) },
    }),
  };
}

/** Refuses these records; answers with what stands in quarantine then. */
async function refuse(dataDir: string, records: readonly RenderableRec[]) {
  const sink = createScriptedSink({ maxBatchWaitMs: 0 });
  sink.answer = () => REJECT;
  const { shipper, encode } = destinationAt(dataDir, sink);
  await Promise.all(
    records.map(
      (record) =>
        new Promise<void>((resolve) => {
          shipper.submit({ record: encode(record), owner: {}, done: () => resolve() });
        }),
    ),
  );
  await shipper.close(0);
  return (await listQuarantine(quarantineFolder(dataDir))).records;
}

/** Every kind of record that a destination may refuse. */
function everyRecord(): readonly RenderableRec[] {
  const { detail } = workedExample();
  const two = [detail, { ...detail, arn: `${String(detail.arn)}2` }];
  const call = enveloped(cloudTrailCall('DeleteDetector'), { 'detail-type': 'AWS API Call via CloudTrail' });
  const others = ['no JSON {', '', '\ud800 half', '[]', enveloped({}, { 'detail-type': 'Something New' })];
  const texts = [...findingFixtures().map(({ text }) => text), two, call, ...others];
  const read = texts.flatMap((text) => recordsOf(text, { customer: CUSTOMER }));
  const again = read.slice(0, 1).map((record) => ({ ...record, replay: true }) as const);
  const before = backfilled(recordOf(detail, { customer: CUSTOMER }));
  return [...[...read, ...again, before].filter(isRenderable), noticeRecord(NOTICE)];
}

t.test('what stands in quarantine makes the record that was refused', async (t) => {
  const records = everyRecord();

  for (const [at, record] of records.entries()) {
    const [standing] = await refuse(t.testdir({}), [record]);
    const restored = standing ? restore(await readEntry(standing), READING) : [];

    t.same(restored, [record], `${at} ${record.kind}`);
  }
  t.same(new Set(records.map(({ kind }) => kind)).size, 6, 'of every kind but those that the agent absorbs');
});

t.test('a text is understood as it is today', async (t) => {
  const { detail } = workedExample();
  const [entry] = await entriesOf(t, [recordOf('', { customer: CUSTOMER })].filter(isRenderable));
  if (!entry) throw new Error('nothing was refused');
  const two = [detail, { ...detail, arn: `${String(detail.arn)}2` }];

  const better = restore({ ...entry, raw: JSON.stringify(two) }, READING);
  const beat = restore({ ...entry, raw: HEARTBEAT }, READING);
  const gone = restore(entry, undefined);

  t.same(
    better.map(({ kind }) => kind),
    ['finding', 'finding'],
  );
  t.match(beat, [{ kind: 'unknown', raw: HEARTBEAT }], 'what was refused is no heartbeat of ours');
  t.match(gone, [{ origin: { customer: CUSTOMER } }], 'a customer who is configured no longer');
});

async function entriesOf(t: Test, records: readonly RenderableRec[]) {
  return Promise.all((await refuse(t.testdir({}), records)).map(readEntry));
}

t.test('a record is released when all that its text makes is final', async (t) => {
  const dataDir = t.testdir({});
  const records = await refuse(dataDir, [recordNamed('one'), recordNamed('two'), recordNamed('three')]);
  const sink = createScriptedSink({ maxBatchWaitMs: 0, maxBatchRecords: 1 });
  sink.answer = ([id = '']) => (id.startsWith('two/1') || id.startsWith('three') ? REJECT : TAKEN);
  const notes: unknown[] = [];
  const destination = destinationAt(dataDir, sink);

  const retried = await retry(
    {
      ...{ records, clock: systemClock, destinationOf: () => destination },
      restore: ({ key }) => [0, 1].map((part) => recordNamed(`${key}/${part}`)),
      async note({ key }, { result, to, destination: from, code }) {
        notes.push([key, result, from, to, code]);
      },
    },
    AbortSignal.timeout(10_000),
  );
  await destination.shipper.close(0);

  const expected = [
    ['one', 'released', 'siem', 'siem', undefined],
    ['three', 'refused', 'siem', 'siem', '400'],
    ['two', 'refused', 'siem', 'siem', '400'],
  ];
  t.same(notes.toSorted(), expected, 'once each');
  t.same(
    retried.map(({ record, result }) => [record.key, result]),
    [
      ['one', 'released'],
      ['two', 'refused'],
      ['three', 'refused'],
    ],
  );
});

t.test('what was taken and cannot be noted is not called released', async (t) => {
  const dataDir = t.testdir({});
  const records = await refuse(dataDir, [recordNamed('one')]);
  const destination = destinationAt(dataDir, createScriptedSink({ maxBatchWaitMs: 0 }));

  const retried = await retry(
    {
      ...{ records, clock: systemClock, destinationOf: () => destination },
      restore: (entry) => restore(entry, READING),
      note: () => Promise.reject(new Error('ENOSPC: no space left on device')),
    },
    AbortSignal.timeout(10_000),
  );
  await destination.shipper.close(0);

  t.match(retried, [{ result: 'kept', why: 'it was released, but that cannot be noted: ENOSPC' }]);
});

t.test('an agent counts what stands in quarantine, and notices what others release', async (t) => {
  const dataDir = t.testdir({});
  const clock = createVirtualClock();
  const watch = createQuarantineWatch({
    dataDir,
    destinations: ['siem', 'lake'],
    clock,
    logger: silentLogger,
  });
  const stop = new AbortController();
  const counts: number[] = [];
  const count = async (): Promise<void> => {
    await clock.advance(10_000);
    // The files are read outside of virtual time.
    await watch.look();
    counts.push(watch.inQuarantine('siem'), watch.inQuarantine('lake'));
  };

  const running = watch.run(stop.signal);
  await count();
  const [first] = await refuse(dataDir, [recordNamed('one'), recordNamed('two')]);
  await count();
  const { id = '' } = first ?? {};
  const at = '2026-07-22T18:47:17.000Z';
  const released = { at, id, destination: 'siem', to: 'siem', result: 'released' } as const;
  await createQuarantine(quarantinePath(dataDir, 'siem')).note({
    ...{ schema: 'guardrelay.quarantine-retry/v1', ...released },
  });
  await count();
  stop.abort();
  await running;

  t.same(counts, [0, 0, 2, 0, 1, 0]);
});
