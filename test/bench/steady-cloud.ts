import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';

import { startLocalAws } from '../../agent/localaws/server.ts';
import { systemClock } from '../../agent/model/clock.ts';
import { createFindings } from './findings.ts';
import { portOf } from './listening.ts';
import { createCpuMeter } from './meter.ts';
import { type Spread, spreadOf } from './spread.ts';

// The far side of the steady row: a log group that grows at an even rate, and a receiver that tells how long each
// finding took from becoming readable until it was acknowledged. One process, so both stamps come from one clock.

const PLACE = { account: '111111111111', region: 'us-east-1', partition: 'aws' };
const LOG_GROUP = '/aws/events/guardrelay';
const TICK_MS = 50;

/** What the agent's process is told. */
export interface SteadyReady {
  readonly endpointUrl: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly webhookUrl: string;
}

export interface SteadyCounts {
  readonly fed: number;
  readonly acknowledged: number;
  /** Came again. */
  readonly repeated: number;
  readonly latencyMs: Spread;
  readonly cpuSeconds: number;
}

const [perSecond = 10, seconds = 60] = process.argv.slice(2).map(Number);
const readableAt: number[] = [];
const latencies: number[] = [];
const acknowledged = new Set<number>();
let repeated = 0;

function acknowledge(index: number): void {
  if (acknowledged.has(index)) repeated += 1;
  else latencies.push(performance.now() - (readableAt[index] ?? Number.NaN));
  acknowledged.add(index);
}

const receiver = createServer(async (request, response) => {
  const gzipped = request.headers['content-encoding'] === 'gzip';
  const body = await text(gzipped ? request.pipe(createGunzip()) : request);
  response.writeHead(204).end();
  for (const line of body.split('\n')) {
    const index = /"id":"finding-(\d+)"/.exec(line)?.[1];
    if (index !== undefined) acknowledge(Number(index));
  }
});
receiver.listen(0, '127.0.0.1');
await once(receiver, 'listening');

const aws = await startLocalAws({ clock: systemClock });
aws.world.accounts.add({ id: PLACE.account });
aws.logs.groups(PLACE).create({ name: LOG_GROUP });
const messageOf = createFindings();

/** As many as are due by now: a late timer does not lower the rate. */
function feedUntil(count: number): void {
  const now = Date.now();
  const from = readableAt.length;
  const events = Array.from({ length: Math.max(0, count - from) }, (_, offset) => ({
    message: messageOf(from + offset),
    timestamp: Math.floor(now / 1_000) * 1_000,
  }));
  aws.logs.insert(PLACE, LOG_GROUP, events);
  for (const _ of events) readableAt.push(performance.now());
}

async function feed(): Promise<void> {
  const startedAt = performance.now();
  while (performance.now() - startedAt < seconds * 1_000) {
    feedUntil(Math.floor(((performance.now() - startedAt) / 1_000) * perSecond));
    await delay(TICK_MS);
  }
  feedUntil(perSecond * seconds);
}

function counts(): SteadyCounts {
  return {
    fed: readableAt.length,
    acknowledged: acknowledged.size,
    repeated,
    latencyMs: spreadOf(latencies),
    cpuSeconds: cpuSeconds(),
  };
}

const cpuSeconds = createCpuMeter();
process.send?.({
  endpointUrl: aws.url,
  ...aws.world.principals.addUser(PLACE.account, 'bench'),
  webhookUrl: `http://127.0.0.1:${portOf(receiver)}/`,
} satisfies SteadyReady);
process.once('disconnect', () => process.exit());
await once(process, 'message');
process.on('message', () => process.send?.(counts()));
await feed();
