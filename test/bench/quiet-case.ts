import { setTimeout as delay } from 'node:timers/promises';

import { openSession } from '../../agent/commands/session/agent-session.ts';
import { systemClock } from '../../agent/model/clock.ts';
import { countTraffic, createCpuMeter } from './meter.ts';
import { watchPolls } from './poll-watch.ts';
import type { QuietCloudReady } from './quiet-cloud.ts';
import { benchConfig, report } from './scene.ts';
import { type Spread, spreadOf } from './spread.ts';

// One agent over many quiet sources: the time until each was served once, then its cost while nothing happens.

export interface QuietOptions {
  readonly dataDir: string;
  readonly ready: QuietCloudReady;
  readonly sources: number;
  readonly pollSeconds: number;
  /** How long it is watched once every source was served; 0: not at all. */
  readonly watchSeconds: number;
}

const START_LIMIT_MS = 300_000;

/** What one agent cost. */
export interface QuietResult {
  readonly startSeconds: number;
  readonly startCpuSeconds: number;
  readonly startCalls: number;
  readonly watchedSeconds: number;
  readonly cpuSeconds: number;
  readonly calls: number;
  readonly latenessMs: Spread;
  readonly polls: number;
  readonly failing: number;
  readonly peakRssMegabytes: number;
}

function configOf({ dataDir, ready, pollSeconds }: QuietOptions) {
  const { roleArn, accounts } = ready;
  return benchConfig({
    dataDir,
    customer: {
      auth: { type: 'assumeRole', roleArn, externalId: 'env:BENCH_EXTERNAL_ID' },
      accounts: { collect: accounts },
      poll: { baseSeconds: pollSeconds },
    },
    destination: { type: 'webhook', url: 'http://127.0.0.1:9/' },
  });
}

async function givingUp(): Promise<never> {
  await delay(START_LIMIT_MS, undefined, { ref: false });
  throw new Error('not every source was served in time');
}

async function watch(options: QuietOptions): Promise<QuietResult> {
  const { ready, sources, watchSeconds } = options;
  process.env.BENCH_EXTERNAL_ID = ready.externalId;
  const traffic = countTraffic(ready.endpointUrl);
  const polls = watchPolls(systemClock.now);
  const cpuSeconds = createCpuMeter();
  const stop = new AbortController();
  const startedAt = performance.now();
  const { endpointUrl, accessKeyId, secretAccessKey } = ready;
  await using session = await openSession({
    ...{ config: configOf(options), endpointUrl, once: false },
    ownCredentials: async () => ({ accessKeyId, secretAccessKey }),
  });
  const running = session.agent.run(stop.signal);
  await Promise.race([polls.served(sources), running, givingUp()]);
  const start = {
    startSeconds: (performance.now() - startedAt) / 1_000,
    startCpuSeconds: cpuSeconds(),
    startCalls: traffic.calls,
  };
  polls.takeLateness();
  const watchedFrom = performance.now();
  await delay(watchSeconds * 1_000);
  const watchedSeconds = (performance.now() - watchedFrom) / 1_000;
  const lateness = polls.takeLateness();
  const result: QuietResult = {
    ...{ ...start, watchedSeconds, latenessMs: spreadOf(lateness), polls: lateness.length },
    cpuSeconds: cpuSeconds(),
    calls: traffic.calls - start.startCalls,
    failing: session.agent.observed().filter(({ facts }) => facts.failure).length,
    peakRssMegabytes: process.resourceUsage().maxRSS / 1_024,
  };
  stop.abort();
  await running;
  return result;
}

report(await watch(JSON.parse(process.argv[2] ?? '')));
