import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openSession } from '../../agent/commands/agent-session.ts';
import type { CloudCounts, CloudReady } from './cloud.ts';
import { countTraffic, createCpuMeter } from './meter.ts';
import { benchConfig, messageFrom, report, startFarSide, unlimited } from './scene.ts';

// Drains N findings through one format and one sink.

export interface DrainOptions {
  readonly sink: string;
  readonly format: string;
  readonly findings: number;
}

/** What one case measured. */
export interface DrainResult extends DrainOptions {
  readonly seconds: number;
  readonly findingsPerSecond: number;
  readonly cpuSeconds: number;
  readonly peakRssMegabytes: number;
  readonly awsCalls: number;
}

function destination(sink: string, format: string, { webhookUrl, syslogPort }: CloudReady): object {
  if (sink === 'webhook') return { format, type: 'webhook', url: webhookUrl };
  return { format, type: 'syslog', transport: 'tcp', host: '127.0.0.1', port: syslogPort };
}

const CUSTOMER = {
  auth: { type: 'default' },
  accounts: { collect: ['111111111111'] },
  regions: ['us-east-1'],
  collect: { startAt: 'beginning' },
};

async function drain({ sink, format, findings }: DrainOptions): Promise<DrainResult> {
  const dataDir = await mkdtemp(join(tmpdir(), 'guardrelay-bench-'));
  const { farSide, ready } = await startFarSide<CloudReady>(
    new URL(new URL('./cloud.ts', import.meta.url), import.meta.url),
    [findings],
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
    const startedAt = performance.now();
    const cpuMeter = createCpuMeter();
    await session.agent.run(AbortSignal.timeout(600_000));
    const seconds = (performance.now() - startedAt) / 1_000;
    const cpuSeconds = cpuMeter();
    farSide.send('count');
    const { lines, frames } = await messageFrom<CloudCounts>(farSide);
    const arrived = sink === 'webhook' ? lines : frames;
    if (arrived !== findings) throw new Error(`${arrived} of ${findings} findings arrived`);
    return {
      ...{ format, sink, findings, seconds, cpuSeconds },
      findingsPerSecond: findings / seconds,
      awsCalls: traffic.calls,
      peakRssMegabytes: process.resourceUsage().maxRSS / 1_024,
    };
  } finally {
    farSide.kill();
    await rm(dataDir, { recursive: true, force: true });
  }
}

report(await drain(JSON.parse(process.argv[2] ?? '')));
