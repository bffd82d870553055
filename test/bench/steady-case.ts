import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { openSession } from '../../agent/commands/session/agent-session.ts';
import { countTraffic, createCpuMeter } from './meter.ts';
import { amplificationOf, readCountsIn } from './read-counts.ts';
import { benchConfig, messageFrom, report, startFarSide, unlimited } from './scene.ts';
import type { SteadyCounts, SteadyReady } from './steady-cloud.ts';

// One agent on one log group that grows at an even rate.

export interface SteadyOptions {
  readonly perSecond: number;
  readonly seconds: number;
  readonly pollSeconds: number;
}

/** What one case measured. */
export interface SteadyResult extends SteadyOptions, Omit<SteadyCounts, 'cpuSeconds'> {
  readonly cpuSeconds: number;
  /** Of the embedded AWS and the receiver, in their process. */
  readonly farCpuSeconds: number;
  readonly peakRssMegabytes: number;
  readonly awsCalls: number;
  /** Read bytes by new bytes, for each kind of read. */
  readonly amplification: Readonly<Record<string, number>>;
}

/** A poll ends with a batch that is not full; by default it waits for 2 s. */
const BATCH_WAIT_MS = 200;

/** All intervals are the same, so that a row shows one of them. */
function customerOf(pollSeconds: number): object {
  return {
    auth: { type: 'default' },
    accounts: { collect: ['111111111111'] },
    regions: ['us-east-1'],
    poll: { baseSeconds: pollSeconds, activeSeconds: pollSeconds },
  };
}

async function watch(options: SteadyOptions): Promise<SteadyResult> {
  const { perSecond, seconds, pollSeconds } = options;
  const dataDir = await mkdtemp(join(tmpdir(), 'guardrelay-bench-'));
  const { farSide, ready } = await startFarSide<SteadyReady>(
    new URL(new URL('./steady-cloud.ts', import.meta.url), import.meta.url),
    [perSecond, seconds],
  );
  try {
    const { endpointUrl, accessKeyId, secretAccessKey, webhookUrl } = ready;
    const destination = { type: 'webhook', url: webhookUrl, batch: { maxWaitMs: BATCH_WAIT_MS } };
    const traffic = countTraffic(endpointUrl);
    await using session = await openSession({
      config: benchConfig({ dataDir, customer: customerOf(pollSeconds), destination }),
      ...{ endpointUrl, once: false, quota: unlimited },
      ownCredentials: async () => ({ accessKeyId, secretAccessKey }),
    });
    const stop = new AbortController();
    const cpuMeter = createCpuMeter();
    const running = session.agent.run(stop.signal);
    farSide.send('feed');
    // Twice the interval, so that the last findings have been read.
    await Promise.race([delay((seconds + 2 * pollSeconds) * 1_000), running]);
    farSide.send('count');
    const { cpuSeconds: farCpuSeconds, ...counts } = await messageFrom<SteadyCounts>(farSide);
    const result: SteadyResult = {
      ...{ ...options, ...counts, farCpuSeconds },
      cpuSeconds: cpuMeter(),
      peakRssMegabytes: process.resourceUsage().maxRSS / 1_024,
      awsCalls: traffic.calls,
      amplification: amplificationOf(readCountsIn(await session.view.metrics())),
    };
    stop.abort();
    await running;
    return result;
  } finally {
    farSide.kill();
    await rm(dataDir, { recursive: true, force: true });
  }
}

report(await watch(JSON.parse(process.argv[2] ?? '')));
