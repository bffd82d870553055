import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { createGunzip } from 'node:zlib';

import { startLocalAws } from '../../agent/localaws/server.ts';
import { systemClock } from '../../agent/model/clock.ts';
import { benchFindings } from './findings.ts';

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
}

async function listen(server: ReturnType<typeof createHttpServer> | ReturnType<typeof createTcpServer>) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const counts = { lines: 0, frames: 0 };

const http = createHttpServer((request, response) => {
  const body = request.headers['content-encoding'] === 'gzip' ? request.pipe(createGunzip()) : request;
  body.on('data', (chunk: Buffer) => {
    for (const byte of chunk) if (byte === NEWLINE) counts.lines += 1;
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
const now = Date.now();
const findings = Number(process.argv[2] ?? 10_000);
aws.logs.insert(
  PLACE,
  LOG_GROUP,
  benchFindings(findings).map((message, index) => ({
    message,
    // A thousand findings a second, all of them late enough to be readable.
    timestamp: Math.floor((now - findings + index) / 1_000) * 1_000,
  })),
);
const ready: CloudReady = {
  endpointUrl: aws.url,
  ...keys,
  webhookUrl: `http://127.0.0.1:${await listen(http)}/`,
  syslogPort: await listen(syslog),
};
process.send?.(ready);
process.once('disconnect', () => process.exit());
process.on('message', () => process.send?.(counts satisfies CloudCounts));
