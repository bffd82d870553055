import type { AgentView } from '../../console/agent-view.ts';
import { createLiveFeed } from '../../console/live-feed.ts';
import { overview } from '../../health/overview.ts';
import type { Clock } from '../../model/clock.ts';
import type { Logger } from '../../model/logger.ts';
import type { Tap } from '../../model/tap.ts';
import { type Agent, type AgentReport, createAgent } from '../../relay/agent.ts';
import { createCanaries } from '../../relay/canaries.ts';
import { meteredStore } from '../../relay/metered-store.ts';
import { type Mutes, openMutes } from '../../relay/mutes.ts';
import { createMuting } from '../../relay/muting.ts';
import { createOutbox, type Outbox } from '../../relay/notices/outbox.ts';
import { createSummaries } from '../../relay/notices/summaries.ts';
import { createTap } from '../../relay/tap.ts';
import type { SearchIndex } from '../../search/search-index.ts';
import type { Notices } from '../notify/live-notices.ts';
import { storedSources } from '../store/stored-sources.ts';
import { createAgentView } from '../view/agent-view.ts';
import { openAuditFile } from '../view/audit-file.ts';
import { heardRecords } from '../view/heard-records.ts';
import { createJobDesk } from '../view/jobs.ts';
import { createLiveSeries } from '../view/live-series.ts';
import { heardByMembers } from '../view/member-ear.ts';
import { replayJob } from '../view/replay-job.ts';
import { createStackLook, type StackLook } from '../view/stacks.ts';
import { openStateWatch, type StateWatch } from '../view/state-watch.ts';
import { testJob } from '../view/test-job.ts';
import { agentMetrics } from './agent-metrics.ts';
import { type Ground, type GroundOptions, openGround } from './ground.ts';
import { keepHeapSmall } from './heap.ts';
import { createPlumbing } from './live-plumbing.ts';
import { runBeside } from './run-beside.ts';
import { openVoices, type Voices } from './voices.ts';

export interface SessionOptions extends GroundOptions {
  readonly once: boolean;
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

/** Opens files and AWS, and makes the agent with all that lives beside it. Dispose it to close everything. */
export async function openSession(options: SessionOptions): Promise<AgentSession> {
  keepHeapSmall();
  await using stack = new AsyncDisposableStack();
  const ground = await openGround(options, stack);
  const { config, clock, logger, store, index } = ground;
  const observed = () => agent.observed();
  const stacks = createStackLook({ ...ground, ...config, observed });
  stack.defer(() => stacks.close());
  const later = {
    ...{ agent: () => agent, outbox: () => outbox, stacks },
    configTroubles: options.configTroubles ?? (() => []),
  };
  const voices = options.once ? undefined : openVoices(ground, later, stack);
  const stage = {
    ...{ voices, stacks, once: options.once, live: createLiveFeed(), tap: createTap(clock) },
    ...{ mutes: await openMutes(ground), series: createLiveSeries({ ...ground, ...config, observed }) },
  };
  const agent = await agentOn(ground, stage);
  const outbox = createOutbox({
    ...{ ...ground, ...config, destinations: agent.destinations },
    leaseMs: config.agent.leaseSeconds * 1_000,
  });
  const summaries = createSummaries({
    ...{ ...ground, ...config, outbox },
    observed: () => storedSources(store, config, clock.now()),
  });
  const states = await openStateWatch({ ...config.agent, observed, live: stage.live, clock, logger });
  const companions = {
    ...{ outbox, summaries, states, series: stage.series.watch, mutes: stage.mutes },
    ...(voices && {
      ...{ members: voices.members.watch, keys: voices.keys, stacks: stacks.watch },
      notices: voices.notices.watch(agent),
    }),
  };
  const view = viewOf(ground, { ...stage, agent, outbox, states, options }, stack);
  const held = stack.move();
  return {
    ...{ agent, outbox, view, index, clock, logger, notices: voices?.notices },
    run: (stop) => runBeside(agent, companions, { stop, clock, logger }),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** Who listens to the agent, and who quiets it. */
interface Stage {
  readonly once: boolean;
  readonly voices: Voices | undefined;
  readonly stacks: StackLook;
  readonly live: ReturnType<typeof createLiveFeed>;
  readonly tap: Tap;
  readonly mutes: Mutes;
  readonly series: ReturnType<typeof createLiveSeries>;
}

async function agentOn(ground: Ground, { once, voices, live, tap, mutes, series }: Stage): Promise<Agent> {
  const { config, store, clock, meters, agentId } = ground;
  const muting = createMuting(config.customers);
  const heard = heardRecords(series.meters.records, live, clock);
  return createAgent({
    ...{ ...ground, once, tap },
    canaries: createCanaries(await store.secret(), agentId),
    meters: { ...meters, ...series.meters, records: heardByMembers(heard, voices?.members.watch) },
    store: meteredStore(store, meters.commits),
    plumbing: createPlumbing(ground),
    offOf: (source) => muting.offOf(source, clock.now(), mutes.current()),
    changes: voices?.notices.changes,
  });
}

interface Shown extends Stage {
  readonly agent: Agent;
  readonly outbox: Outbox;
  readonly states: StateWatch;
  readonly options: SessionOptions;
}

/** Everything that the listener shows and starts. */
function viewOf(ground: Ground, shown: Shown, stack: AsyncDisposableStack): AgentView {
  const { config, clock, logger, meters } = ground;
  const { agent, outbox, states, voices, options } = shown;
  const work = { ...options, clock };
  const jobs = createJobDesk({ test: testJob(work), replay: replayJob(work), clock, logger });
  stack.defer(() => jobs.close());
  const metrics = agentMetrics({
    ...{ ...ground, agent, now: clock.now, meters: [...meters.all, outbox.meter] },
    overview: () => overview(agent.observed(), clock.now(), (id) => agent.inQuarantine(id)),
    ...(ground.spool ? { spoolBytes: () => ground.spool?.bytes() ?? 0 } : {}),
    ...(voices ? { members: voices.members.counts } : {}),
  });
  return createAgentView({
    ...{ ...ground, ...shown, jobs, metrics },
    audit: openAuditFile({ ...config.agent, clock, logger }),
    strip: states.strip,
    series: shown.series.read,
    stacks: async () => shown.stacks.known(),
    members: (id) => voices?.members.all(id) ?? [],
  });
}
