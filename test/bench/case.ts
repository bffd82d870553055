import { type ChildProcess, fork } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createBucket } from '../../agent/aws/bucket.ts';
import { openSession } from '../../agent/commands/agent-session.ts';
import { mistakesError } from '../../agent/config/load.ts';
import { parseConfig } from '../../agent/config/parse.ts';
import { systemClock } from '../../agent/model/clock.ts';
import type { CloudCounts, CloudReady } from './cloud.ts';

// One case in a process of its own, so that its CPU time and memory are its own: drain N findings through one
// format and one sink. Prints one line of JSON.

/** What one case measured. */
export interface CaseResult {
  readonly format: string;
  readonly sink: string;
  readonly findings: number;
  readonly seconds: number;
  readonly findingsPerSecond: number;
  readonly cpuSeconds: number;
  readonly peakRssMegabytes: number;
  readonly awsCalls: number;
}

const UNLIMITED_PER_SECOND = 1_000_000;

function destination(sink: string, format: string, { webhookUrl, syslogPort }: CloudReady): object {
  const common = { id: 'bench', format, insecureTransport: true };
  if (sink === 'webhook') return { ...common, type: 'webhook', url: webhookUrl };
  return { ...common, type: 'syslog', transport: 'tcp', host: '127.0.0.1', port: syslogPort };
}

function configurationOf(dataDir: string, target: object) {
  const parsed = parseConfig(
    JSON.stringify({
      version: 1,
      agent: { id: 'bench', dataDir, logLevel: 'error' },
      defaults: { collect: { startAt: 'beginning' } },
      customers: [
        {
          id: 'bench',
          auth: { type: 'default' },
          accounts: { collect: ['111111111111'] },
          regions: ['us-east-1'],
          destinations: ['bench'],
        },
      ],
      destinations: [target],
    }),
    {},
  );
  if (parsed.kind === 'mistaken') throw mistakesError('of the benchmark', parsed.mistakes);
  return parsed.config;
}

async function answer<T>(cloud: ChildProcess): Promise<T> {
  const [message] = await once(cloud, 'message');
  return message;
}

async function drain(sink: string, format: string, findings: number): Promise<CaseResult> {
  const dataDir = await mkdtemp(join(tmpdir(), 'guardrelay-bench-'));
  const cloud = fork(new URL('./cloud.ts', import.meta.url), [String(findings)]);
  try {
    const ready = await answer<CloudReady>(cloud);
    const config = configurationOf(dataDir, destination(sink, format, ready));
    let awsCalls = 0;
    subscribe('undici:request:create', (event) => {
      const { request } = event as { request: { origin: string } };
      if (String(request.origin) === ready.endpointUrl) awsCalls += 1;
    });
    const bucket = () => createBucket(UNLIMITED_PER_SECOND, systemClock);
    const { endpointUrl, accessKeyId, secretAccessKey } = ready;
    await using session = await openSession({
      ...{ config, endpointUrl, once: true },
      ownCredentials: async () => ({ accessKeyId, secretAccessKey }),
      quota: { paceOf: () => ({ filterLogEvents: bucket(), describeLogGroups: bucket() }) },
    });
    const startedAt = performance.now();
    const before = process.cpuUsage();
    await session.agent.run(AbortSignal.timeout(600_000));
    const seconds = (performance.now() - startedAt) / 1_000;
    const { user, system } = process.cpuUsage(before);
    cloud.send('count');
    const { lines, frames } = await answer<CloudCounts>(cloud);
    const arrived = sink === 'webhook' ? lines : frames;
    if (arrived !== findings) throw new Error(`${arrived} of ${findings} findings arrived`);
    return {
      ...{ format, sink, findings, seconds, awsCalls },
      findingsPerSecond: findings / seconds,
      cpuSeconds: (user + system) / 1e6,
      peakRssMegabytes: process.resourceUsage().maxRSS / 1_024,
    };
  } finally {
    cloud.kill();
    await rm(dataDir, { recursive: true, force: true });
  }
}

const [sink = 'webhook', format = 'raw', findings = '10000', out = ''] = process.argv.slice(2);
await writeFile(out, JSON.stringify(await drain(sink, format, Number(findings))));
