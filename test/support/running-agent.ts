import { join } from 'node:path';
import type { Test } from 'tap';

import { createQuota } from '../../agent/aws/quota.ts';
import { openSqliteStore } from '../../agent/checkpoint/sqlite-store.ts';
import type { CheckpointStore, SourceStatus } from '../../agent/checkpoint/store.ts';
import { type Notices, openNotices } from '../../agent/commands/notify/live-notices.ts';
import { agentMetrics, metersOf } from '../../agent/commands/session/agent-metrics.ts';
import { createPlumbing } from '../../agent/commands/session/live-plumbing.ts';
import type { Config } from '../../agent/config/config.ts';
import { createNoticeMeter } from '../../agent/health/notice-meter.ts';
import { overview, type SourceRow } from '../../agent/health/overview.ts';
import { type Logger, silentLogger } from '../../agent/model/logger.ts';
import type { RelayEvent } from '../../agent/model/relay-event.ts';
import type { SecretReader } from '../../agent/model/secret.ts';
import { createAgent } from '../../agent/relay/agent.ts';
import { awsIdentities } from '../../agent/relay/aws-identities.ts';
import { createCanaries } from '../../agent/relay/canaries.ts';
import { meteredStore } from '../../agent/relay/metered-store.ts';
import { openSearchIndex } from '../../agent/search/search-index.ts';
import { openSpool } from '../../agent/spool/spool.ts';
import { clientsOf } from './aws-clients.ts';
import type { TestAws } from './local-aws.ts';
import { finish } from './virtual-clock.ts';

/** A whole agent in this process. */
export interface RunningAgent {
  /** Where the checkpoints of its only source stand, by destination; epoch ms. */
  floors(): Promise<Readonly<Record<string, number>>>;
  /** What is stored of every source, also of those that are gone. */
  stored(): Promise<readonly SourceStatus[]>;
  /** What /readyz says. */
  isReady(): boolean;
  /** Bytes of records that it holds for a destination. */
  heldBytes(destination: string): number;
  /** What `status` shows, problems first. */
  health(): readonly SourceRow[];
  /** What a scrape gets. */
  metrics(): Promise<string>;
  /** As on SIGTERM. */
  stop(): Promise<void>;
}

export interface AgentSetup {
  readonly config: Config;
  /** The name of this agent in the store. */
  readonly owner: string;
  /** Puts a store of the test's in front of the real one. */
  wrap?(store: CheckpointStore): CheckpointStore;
  /** Absent: a reference is its own secret. */
  readonly readSecret?: SecretReader;
  readonly logger?: Logger;
  /** Takes what is said to SIEMs about the agent's own matters. */
  noticed?(event: RelayEvent): void;
}

/** Starts an agent on an embedded AWS, in its time; each call to AWS is tried once. */
export async function startAgent(
  t: Test,
  test: Pick<TestAws, 'aws' | 'clock' | 'keys'>,
  setup: AgentSetup,
): Promise<RunningAgent> {
  const {
    config,
    owner,
    wrap = (store) => store,
    readSecret = async (reference) => reference,
    logger = silentLogger,
  } = setup;
  const { clock } = test;
  const { dataDir } = config.agent;
  const store = await openSqliteStore({ path: join(dataDir, 'state.db'), clock, commitWaitMs: 0 });
  const index = openSearchIndex({ path: join(dataDir, 'search.db'), clock, ...config.http.searchIndex });
  const { spool } = config.agent;
  const meters = metersOf(config);
  const clients = clientsOf(t, test, {
    onCall: meters.calls.answered,
    ...(setup.readSecret && { readSecret }),
  });
  const quota = createQuota(clock);
  const notices = config.notify.length === 0 ? undefined : noticesOf(setup, test, readSecret);
  const agent = createAgent({
    changes: notices?.changes,
    canaries: createCanaries(await store.secret(), 'test'),
    ...{ config, clock, index, owner, logger, random: () => 0.5, once: false },
    meters,
    clients,
    quota,
    plumbing: createPlumbing({ clients, quota, clock }),
    store: meteredStore(wrap(store), meters.commits),
    spool: spool && (await openSpool(spool, logger)),
    readSecret,
    proxyFor: () => undefined,
    resumeAt: store.opened.kind === 'replaced' ? '-25h' : undefined,
  });
  const seen = () => overview(agent.observed(), clock.now());
  const stopping = new AbortController();
  const ran = Promise.all([agent.run(stopping.signal), notices?.watch(agent).run(stopping.signal)]);
  // A failure shows when the agent is stopped.
  ran.catch(() => {});

  return {
    floors: () => floorsOf(store),
    stored: () => storedIn(store),
    isReady: () => agent.isReady(),
    heldBytes: (destination) =>
      agent.destinations.find(({ id }) => id === destination)?.shipper.status().queuedBytes ?? 0,
    health: () => seen().sources,
    metrics: agentMetrics({
      ...{ agent, config, version: '0.0.0', overview: seen, now: clock.now, meters: meters.all },
    }),
    async stop() {
      stopping.abort();
      await finish(clock, ran).finally(async () => {
        await notices?.close();
        index.close();
        return store.close();
      });
    },
  };
}

function noticesOf(
  { config, logger = silentLogger, noticed }: AgentSetup,
  { clock }: Pick<TestAws, 'clock'>,
  readSecret: SecretReader,
): Notices {
  return openNotices({
    ...{ config, clock, logger, readSecret, random: () => 0.5, version: '0.0.0', agentId: 'relay-1' },
    ...{ accountNames: new Map(), meter: createNoticeMeter([]), configTroubles: () => [] },
    awsIdentities: awsIdentities(undefined),
    outbox: () => ({ put: async (event) => noticed?.(event) }),
  });
}

async function storedIn(store: CheckpointStore): Promise<readonly SourceStatus[]> {
  const statuses: SourceStatus[] = [];
  for await (const status of store.inspect()) statuses.push(status);
  return statuses;
}

async function floorsOf(store: CheckpointStore): Promise<Readonly<Record<string, number>>> {
  for await (const { saved } of store.inspect()) {
    return Object.fromEntries((saved?.positions ?? []).map(({ destination, floor }) => [destination, floor]));
  }
  return {};
}
