import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';

import type { EncodedRecord } from '../../agent/model/batch.ts';
import { systemClock } from '../../agent/model/clock.ts';
import { silentLogger } from '../../agent/model/logger.ts';
import { isRenderable, type RenderableRec } from '../../agent/model/record.ts';
import type { Sink } from '../../agent/model/sink.ts';
import { normalize } from '../../agent/normalize/normalize.ts';
import type { Destination } from '../../agent/relay/destination.ts';
import { createDestination, type DestinationParts } from '../../agent/relay/destinations.ts';
import { openSink } from '../../agent/relay/open-sink.ts';
import type { Delivered } from '../../agent/ship/shipper.ts';
import { destinationOptions } from '../../agent/ship/sinks/index.ts';
import { createFindings } from './findings.ts';
import { createCpuMeter } from './meter.ts';
import { report } from './scene.ts';
import { type Receiver, WAYS } from './ship-ways.ts';

// Ships records by one way, and lets a bare client send the same bytes.

export interface ShipOptions {
  readonly way: string;
  readonly records: number;
}

/** What one case measured. */
export interface ShipResult extends ShipOptions {
  readonly meanBytes: number;
  readonly perSecond: number;
  /** By the CPU time of the agent. */
  readonly perCoreSecond: number;
  /** What the receiver took from the bare client. */
  readonly limitPerSecond: number;
}

const LEAST_BYTES = 2_048;
const MOST_BYTES = 2_304;
/** Compiled and warm before anything is measured. */
const WARM_UP = 4_000;
/** Between two of them the event loop gets its turn. */
const PAGE = 256;
const SOURCE = {
  customer: 'bench',
  account: '111111111111',
  region: 'us-east-1',
  partition: 'aws',
  logGroup: '/aws/events/guardrelay',
};

/** Findings of about 2 KB, each with ids of its own, from number `first` on. */
function recordsFrom(first: number, count: number): readonly RenderableRec[] {
  const messageOf = createFindings(LEAST_BYTES);
  const times = { timestamp: Date.now(), ingestionTime: Date.now() };
  const records: RenderableRec[] = [];
  for (let index = first; records.length < count; index += 1) {
    const message = messageOf(index);
    if (Buffer.byteLength(message) > MOST_BYTES) continue;
    const event = { id: `event-${index}`, stream: 'bench', message, ...times };
    records.push(...normalize(event, SOURCE, { heartbeatRule: 'none' }).filter(isRenderable));
  }
  return records;
}

/** Submits by pages and as long as there is room, as the agent does, until the last record is final. */
async function deliver({ encode, shipper }: Destination, records: readonly RenderableRec[]): Promise<void> {
  const { promise: delivered, resolve, reject } = Promise.withResolvers<void>();
  const owner = {};
  let open = records.length;
  const done = ({ kind }: Delivered): void => {
    open -= 1;
    if (kind !== 'final') reject(new Error('a record of the benchmark was refused'));
    if (open === 0) resolve();
  };
  for (const [at, record] of records.entries()) {
    if (at % PAGE === 0) await nextTurn();
    while (shipper.room() <= 0) await delay(1);
    shipper.submit({ record: encode(record), owner, done });
  }
  await delivered;
}

async function measure(asked: ShipOptions): Promise<ShipResult> {
  const directory = await mkdtemp(join(tmpdir(), 'guardrelay-bench-'));
  const receiver = await WAYS[asked.way]?.open(directory);
  if (!receiver) throw new Error(`there is no way ${asked.way}`);
  try {
    return await measureTo(receiver, directory, asked);
  } finally {
    await receiver.close();
    await rm(directory, { recursive: true });
  }
}

async function measureTo(
  { destination: written, bare }: Receiver,
  dataDir: string,
  { way, records: count }: ShipOptions,
): Promise<ShipResult> {
  const options = destinationOptions.parse({
    id: 'bench',
    format: 'raw',
    batch: { maxWaitMs: 10 },
    ...written,
  });
  const parts: DestinationParts = {
    ...{ agentId: 'bench', dataDir, clock: systemClock, random: Math.random, logger: silentLogger },
    ...{ readSecret: async () => 'secret', proxyFor: () => undefined },
  };
  const destination = createDestination(options, parts);
  await deliver(destination, recordsFrom(0, WARM_UP));
  const records = recordsFrom(1_000_000, count);

  const cpuSeconds = createCpuMeter();
  const seconds = await secondsOf(() => deliver(destination, records));
  const perCoreSecond = count / cpuSeconds();
  await destination.shipper.close(5_000);

  const sink = openSink(options, parts);
  const encoded = records.map((record) => sink.encode(record));
  await sink.close(0);
  const parcels = bare.of === 'records' ? encoded.map(({ bytes }) => bytes) : bodiesOf(sink, encoded);
  const bareSeconds = await secondsOf(() => bare.send(parcels));
  return {
    ...{ way, records: count, meanBytes: Math.round(sumOfBytes(encoded) / count), perCoreSecond },
    ...{ perSecond: count / seconds, limitPerSecond: count / bareSeconds },
  };
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1_000;
}

/** The bodies of full batches. */
function bodiesOf(sink: Sink, encoded: readonly EncodedRecord[]): readonly Buffer[] {
  const bytes = sumOfBytes(encoded) / encoded.length;
  const size = Math.min(sink.caps.maxBatchRecords, Math.floor(sink.caps.maxBatchBytes / bytes));
  const starts = Array.from({ length: Math.ceil(encoded.length / size) }, (_, at) => at * size);
  return starts.map((at) => sink.seal(encoded.slice(at, at + size)).wire);
}

function sumOfBytes(encoded: readonly EncodedRecord[]): number {
  return encoded.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

report(await measure(JSON.parse(process.argv[2] ?? '')));
