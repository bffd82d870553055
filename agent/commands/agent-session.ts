import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import { type AwsClientsOptions, createAwsClients } from '../aws/clients.ts';
import { createQuota, type Quota } from '../aws/quota.ts';
import { openSqliteStore } from '../checkpoint/sqlite-store.ts';
import type { Config } from '../config/config.ts';
import { proxiesFrom } from '../config/proxies.ts';
import { readSecret } from '../config/secret.ts';
import type { AgentView } from '../console/agent-view.ts';
import { createLiveFeed } from '../console/live-feed.ts';
import type { Meter } from '../health/metrics.ts';
import { overview } from '../health/overview.ts';
import { createLogger, hidingSecrets } from '../log.ts';
import { createLogRing, logRingPath } from '../log-ring.ts';
import { type Clock, systemClock } from '../model/clock.ts';
import type { Logger } from '../model/logger.ts';
import { type Agent, type AgentReport, createAgent } from '../relay/agent.ts';
import { awsIdentities } from '../relay/aws-identities.ts';
import { createCanaries } from '../relay/canaries.ts';
import { meteredStore } from '../relay/metered-store.ts';
import { openMutes } from '../relay/mutes.ts';
import { createMuting } from '../relay/muting.ts';
import { createOutbox, type Outbox } from '../relay/notices/outbox.ts';
import { createSummaries } from '../relay/notices/summaries.ts';
import { createTap } from '../relay/tap.ts';
import { openSearchIndex, type SearchIndex } from '../search/search-index.ts';
import { openSpool, type Spool } from '../spool/spool.ts';
import { agentMetrics, metersOf } from './agent-metrics.ts';
import { keepHeapSmall } from './heap.ts';
import { openAccountNames } from './live-account-names.ts';
import { type LiveMembers, openLiveMembers } from './live-members.ts';
import { createPlumbing } from './live-plumbing.ts';
import { type Notices, openNotices } from './notify/live-notices.ts';
import { runBeside } from './run-beside.ts';
import { storedSources } from './stored-sources.ts';
import { readVersion } from './version.ts';
import { type AgentViewParts, createAgentView } from './view/agent-view.ts';
import { openAuditFile } from './view/audit-file.ts';
import { heardRecords } from './view/heard-records.ts';
import { createJobDesk } from './view/jobs.ts';
import { createLiveSeries } from './view/live-series.ts';
import { heardByMembers } from './view/member-ear.ts';
import { replayJob } from './view/replay-job.ts';
import { createStackLook } from './view/stacks.ts';
import { openStateWatch } from './view/state-watch.ts';
import { testJob } from './view/test-job.ts';

// As late as an event may be delivered: a bounded re-read, neither "now" nor everything.
const AFTER_DAMAGE = '-25h';

export interface SessionOptions {
  readonly config: Config;
  readonly once: boolean;
  readonly endpointUrl?: string | undefined;
  readonly ownCredentials?: AwsClientsOptions['ownCredentials'];
  /** Absent: a fifth of the published quotas. */
  readonly quota?: Quota;
  /** What is wrong with the files of the configuration; absent: nothing. */
  configTroubles?(): readonly string[];
}

/** The agent with everything that it needs, open. */
export interface AgentSession extends AsyncDisposable {
  readonly agent: Agent;
  readonly outbox: Outbox;
  /** Absent in `once`: nobody is told. */
  readonly notices: Notices | undefined;
  readonly view: AgentView;
  readonly index: SearchIndex;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The agent, and what lives beside it. */
  run(stop: AbortSignal): Promise<AgentReport>;
}

/** Opens store and index, makes clients and the agent. Dispose it to close them all. */
export async function openSession(options: SessionOptions): Promise<AgentSession> {
  const { config, once, endpointUrl, ownCredentials } = options;
  keepHeapSmall();
  const clock = systemClock;
  const version = readVersion();
  const { write: copy } = createLogRing(logRingPath(config.agent.dataDir));
  const logger = createLogger({ level: config.agent.logLevel, format: config.agent.logFormat, copy });
  const secrets = hidingSecrets(readSecret, logger);
  const proxyFor = proxiesFrom(process.env);
  const { dataDir, id: agentId } = config.agent;
  await using stack = new AsyncDisposableStack();
  const meters = metersOf(config);
  const store = await openSqliteStore({ path: join(dataDir, 'state.db'), clock });
  stack.defer(() => store.close());
  const { opened } = store;
  if (opened.kind === 'replaced') {
    logger.error('the checkpoint store was damaged and is set aside', { code: 'AGT-002', ...opened });
  }
  const index = openSearchIndex({ path: join(dataDir, 'search.db'), clock, ...config.http.searchIndex });
  stack.defer(() => index.close());
  const clients = createAwsClients({
    ...{ clock, version, agentId, proxyFor, readSecret: secrets, onCall: meters.calls.answered },
    ...(endpointUrl === undefined ? {} : { endpointUrl }),
    ...(ownCredentials === undefined ? {} : { ownCredentials }),
  });
  stack.defer(() => clients.close());
  const names = await openAccountNames(config.customers, { clients, clock, logger });
  const { directory: accountNames } = stack.use(names);
  const { spool: spoolOptions } = config.agent;
  const spool = spoolOptions && (await openSpool(spoolOptions, logger));
  const canaries = createCanaries(await store.secret(), agentId);
  const tap = createTap(clock);
  const live = createLiveFeed();
  const quota = options.quota ?? createQuota(clock);
  const owner = `${agentId}-${randomUUID()}`;
  const notices = once
    ? undefined
    : openNotices({
        ...{ config, accountNames, clock, logger, version, agentId, proxyFor, readSecret: secrets },
        ...{ random: Math.random, awsIdentities: awsIdentities(clients), meter: meters.notices },
        configTroubles: options.configTroubles ?? (() => []),
        members: () => members?.unsettled() ?? [],
        outbox: () => outbox,
      });
  stack.defer(() => notices?.close());
  const members = once
    ? undefined
    : openLiveMembers({ config, clients, clock, logger, observed: () => agent.observed() });
  stack.defer(() => members?.close());
  const mutes = await openMutes({ store, clock, logger });
  const muting = createMuting(config.customers);
  const { customers } = config;
  const series = createLiveSeries({ customers, meters, observed: () => agent.observed(), clock });
  const heard = heardRecords(series.meters.records, live, clock);
  const agent = createAgent({
    ...{ config, clients, index, canaries, tap, clock, logger, once, accountNames, proxyFor, owner },
    meters: { ...meters, ...series.meters, records: heardByMembers(heard, members?.watch) },
    store: meteredStore(store, meters.commits),
    readSecret: secrets,
    quota,
    plumbing: createPlumbing({ clients, quota, clock }),
    random: Math.random,
    offOf: (source) => muting.offOf(source, clock.now(), mutes.current()),
    resumeAt: opened.kind === 'replaced' ? AFTER_DAMAGE : undefined,
    spool,
    changes: notices?.changes,
  });
  const outbox = createOutbox({
    ...{ store, index, clock, logger, owner, customers: config.customers, destinations: agent.destinations },
    leaseMs: config.agent.leaseSeconds * 1_000,
  });
  const summaries = createSummaries({
    ...{ store, outbox, clock, logger, agentId, customers: config.customers },
    observed: () => storedSources(store, config, clock.now()),
  });
  const states = await openStateWatch({ dataDir, observed: () => agent.observed(), live, clock, logger });
  const stacks = createStackLook({
    ...{ customers: config.customers, observed: () => agent.observed(), clients, quota, clock, logger },
  });
  stack.defer(() => stacks.close());
  const work = { config, endpointUrl, ownCredentials, clock };
  const jobs = createJobDesk({ test: testJob(work), replay: replayJob(work), clock, logger });
  stack.defer(() => jobs.close());
  const held = stack.move();
  const view = viewOf({
    ...{ agent, config, store, index, accountNames, mutes, clock, spool, version, agentId, tap },
    meters: [...meters.all, outbox.meter],
    live,
    audit: openAuditFile({ dataDir, clock, logger }),
    strip: states.strip,
    series: series.read,
    stacks: async () => stacks.known(),
    jobs,
    members,
  });
  return {
    ...{ agent, outbox, notices, view, index, clock, logger },
    run: (stop) =>
      runBeside(
        agent,
        [
          outbox,
          summaries,
          states,
          series.watch,
          mutes,
          ...(members ? [members.watch] : []),
          ...(notices ? [notices.watch(agent)] : []),
        ],
        stop,
      ),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

interface ViewParts extends Omit<AgentViewParts, 'metrics' | 'members'> {
  readonly meters: readonly Meter[];
  readonly spool: Spool | undefined;
  readonly members: LiveMembers | undefined;
}

function viewOf({ meters, spool, members, ...parts }: ViewParts): AgentView {
  const { agent, config, clock, version } = parts;
  const seen = () => overview(agent.observed(), clock.now(), (id) => agent.inQuarantine(id));
  const metrics = agentMetrics({
    ...{ agent, config, version, overview: seen, now: clock.now, meters },
    ...(spool ? { spoolBytes: () => spool.bytes() } : {}),
    ...(members ? { members: members.counts } : {}),
  });
  return createAgentView({ ...parts, metrics, members: (id) => members?.all(id) ?? [] });
}
