import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openSession } from '../../agent/commands/session/agent-session.ts';
import type { CloudCounts, CloudReady } from './cloud.ts';
import { countTraffic, createCpuMeter } from './meter.ts';
import { benchConfig, messageFrom, report, startFarSide, unlimited } from './scene.ts';

// Drains N findings through one format and one sink.

export interface DrainOptions {
  readonly sink: string;
  readonly format: string;
  readonly findings: number;
  /** Of a finding; 0: as they are. */
  readonly leastBytes: number;
}

/** What one case measured. */
export interface DrainResult extends DrainOptions {
  readonly seconds: number;
  readonly findingsPerSecond: number;
  readonly cpuSeconds: number;
  /** Of the embedded AWS and the receiver, in their process. */
  readonly farCpuSeconds: number;
  /** Before the first call. */
  readonly baseRssMegabytes: number;
  readonly peakRssMegabytes: number;
  readonly awsCalls: number;
  /** Of the answers of AWS. */
  readonly awsMegabytes: number;
}

function destination(sink: string, format: string, { webhookUrl, syslogPort }: CloudReady): object {
  if (sink === 'webhook') return { format, type: 'webhook', url: webhookUrl };
  return { format, type: 'syslog', transport: 'tcp', host: '127.0.0.1', port: syslogPort };
}

const MEGABYTE = 1_048_576;
const LIMIT_MS = 1_800_000;

const CUSTOMER = {
  auth: { type: 'default' },
  accounts: { collect: ['111111111111'] },
  regions: ['us-east-1'],
  collect: { startAt: 'beginning' },
};

async function drain(options: DrainOptions): Promise<DrainResult> {
  const { sink, format, findings, leastBytes } = options;
  const dataDir = await mkdtemp(join(tmpdir(), 'guardrelay-bench-'));
  const { farSide, ready } = await startFarSide<CloudReady>(
    new URL(new URL('./cloud.ts', import.meta.url), import.meta.url),
    [findings, leastBytes],
  );
  try {
    const target = destination(sink, format, ready);
    const config = benchConfig({ dataDir, customer: CUSTOMER, destination: target });
    const traffic = countTraffic(ready.endpointUrl);
    const { endpointUrl, accessKeyId, secretAccessKey } = ready;
    await using session = await openSession({
      ...{ config, endpointUrl, once: true },
      ownCredentials: async () => ({ accessKeyId, secretAccessKey }),
      quota: unlimited,
    });
    const baseRssMegabytes = process.memoryUsage.rss() / MEGABYTE;
    const startedAt = performance.now();
    const cpuMeter = createCpuMeter();
    await session.agent.run(AbortSignal.timeout(LIMIT_MS));
    const seconds = (performance.now() - startedAt) / 1_000;
    const cpuSeconds = cpuMeter();
    farSide.send('count');
    const { lines, frames, cpuSeconds: farCpuSeconds } = await messageFrom<CloudCounts>(farSide);
    const arrived = sink === 'webhook' ? lines : frames;
    if (arrived !== findings) throw new Error(`${arrived} of ${findings} findings arrived`);
    return {
      ...{ ...options, seconds, cpuSeconds, farCpuSeconds, baseRssMegabytes },
      findingsPerSecond: findings / seconds,
      awsCalls: traffic.calls,
      awsMegabytes: traffic.bytes / MEGABYTE,
      peakRssMegabytes: process.resourceUsage().maxRSS / 1_024,
    };
  } finally {
    farSide.kill();
    await rm(dataDir, { recursive: true, force: true });
  }
}

report(await drain(JSON.parse(process.argv[2] ?? '')));
