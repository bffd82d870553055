import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { createGunzip } from 'node:zlib';

import { startLocalAws } from '../../agent/localaws/server.ts';
import { systemClock } from '../../agent/model/clock.ts';
import { findingRows } from './finding-rows.ts';
import { createFindings } from './findings.ts';
import { portOf } from './listening.ts';
import { createCpuMeter } from './meter.ts';

// The far side of a benchmark case, in a process of its own: the embedded AWS with a full log group, and
// receivers that count and keep nothing.

const ACCOUNT = '111111111111';
const PLACE = { account: ACCOUNT, region: 'us-east-1', partition: 'aws' };
const LOG_GROUP = '/aws/events/guardrelay';
const NEWLINE = 0x0a;

/** What the agent's process is told. */
export interface CloudReady {
  readonly endpointUrl: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly webhookUrl: string;
  readonly syslogPort: number;
}

export interface CloudCounts {
  readonly lines: number;
  readonly frames: number;
  /** What all this took in CPU time, without filling the log group. */
  readonly cpuSeconds: number;
}

async function listen(server: ReturnType<typeof createHttpServer> | ReturnType<typeof createTcpServer>) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return portOf(server);
}

const counts = { lines: 0, frames: 0 };

const http = createHttpServer((request, response) => {
  const body = request.headers['content-encoding'] === 'gzip' ? request.pipe(createGunzip()) : request;
  body.on('data', (chunk: Buffer) => {
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) counts.lines += 1;
  });
  body.on('end', () => response.writeHead(204).end());
});

const syslog = createTcpServer((socket) => {
  let skip = 0;
  let digits = '';
  socket.on('data', (chunk: Buffer) => {
    let at = 0;
    while (at < chunk.length) {
      const passed = Math.min(skip, chunk.length - at);
      skip -= passed;
      at += passed;
      if (skip > 0 || at >= chunk.length) continue;
      const letter = String.fromCharCode(chunk[at] ?? 0);
      at += 1;
      if (letter !== ' ') {
        digits += letter;
        continue;
      }
      skip = Number(digits);
      digits = '';
      counts.frames += 1;
    }
  });
});

const aws = await startLocalAws({ clock: systemClock });
aws.world.accounts.add({ id: ACCOUNT });
const keys = aws.world.principals.addUser(ACCOUNT, 'bench');
const [count = 10_000, leastBytes = 0] = process.argv.slice(2).map(Number);
const group = aws.logs.groups(PLACE).create({ name: LOG_GROUP });
group.rows.add(findingRows({ count, messageOf: createFindings(leastBytes), endAt: Date.now() }));
const cpuSeconds = createCpuMeter();
const ready: CloudReady = {
  endpointUrl: aws.url,
  ...keys,
  webhookUrl: `http://127.0.0.1:${await listen(http)}/`,
  syslogPort: await listen(syslog),
};
process.send?.(ready);
process.once('disconnect', () => process.exit());
process.on('message', () => process.send?.({ ...counts, cpuSeconds: cpuSeconds() } satisfies CloudCounts));
