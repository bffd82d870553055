import { setTimeout as delay } from 'node:timers/promises';

import { openSession } from '../../agent/commands/session/agent-session.ts';
import { countTraffic } from './meter.ts';
import type { QuietCloudReady } from './quiet-cloud.ts';
import { benchConfig, report } from './scene.ts';

// One agent from the start of its process until it is ready.

export interface StartOptions {
  readonly dataDir: string;
  readonly ready: QuietCloudReady;
  /** As many as the configuration leads to. */
  readonly sources: number;
}

/** What one start cost. */
export interface StartResult {
  readonly sources: number;
  /** Of them, those with a checkpoint in the store. */
  readonly known: number;
  readonly readySeconds: number;
  readonly cpuSeconds: number;
  readonly awsCalls: number;
  readonly rssMegabytes: number;
  readonly peakRssMegabytes: number;
}

const LOOK_MS = 10;
const MEGABYTE = 1_048_576;

async function start({ dataDir, ready, sources }: StartOptions): Promise<StartResult> {
  const { endpointUrl, accessKeyId, secretAccessKey, roleArn, externalId, accounts } = ready;
  process.env.BENCH_EXTERNAL_ID = externalId;
  const traffic = countTraffic(endpointUrl);
  await using session = await openSession({
    config: benchConfig({
      dataDir,
      customer: {
        auth: { type: 'assumeRole', roleArn, externalId: 'env:BENCH_EXTERNAL_ID' },
        accounts: { collect: accounts },
      },
      destination: { type: 'webhook', url: 'http://127.0.0.1:9/' },
    }),
    ...{ endpointUrl, once: false },
    ownCredentials: async () => ({ accessKeyId, secretAccessKey }),
  });
  const stop = new AbortController();
  const running = session.agent.run(stop.signal);
  while (!session.agent.isReady()) await Promise.race([delay(LOOK_MS), running]);
  const { user, system } = process.cpuUsage();
  const result: StartResult = {
    sources,
    // Since the process began: loading the program counts.
    readySeconds: performance.now() / 1_000,
    cpuSeconds: (user + system) / 1e6,
    awsCalls: traffic.calls,
    known: session.agent.observed().filter(({ facts }) => facts.lastReadAt !== undefined).length,
    rssMegabytes: process.memoryUsage.rss() / MEGABYTE,
    peakRssMegabytes: process.resourceUsage().maxRSS / 1_024,
  };
  stop.abort();
  await running;
  return result;
}

report(await start(JSON.parse(process.argv[2] ?? '')));
