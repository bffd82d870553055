import type { CheckpointStore } from '../../checkpoint/store.ts';
import type { Config } from '../../config/config.ts';
import type { AgentView, FoundRecords } from '../../console/agent-view.ts';
import { type ObservedSource, overview } from '../../health/overview.ts';
import type { AccountDirectory } from '../../model/account-names.ts';
import type { Clock } from '../../model/clock.ts';
import type { RecordQuery } from '../../model/record-query.ts';
import type { Agent } from '../../relay/agent.ts';
import type { SearchIndex } from '../../search/search-index.ts';
import { changesIn } from './changes.ts';
import { checkpointsOf } from './checkpoints.ts';
import { shownConfiguration } from './configuration.ts';
import { customerFacts } from './customers.ts';
import { destinationFacts } from './destinations.ts';
import { createNoticeDesk } from './notices.ts';

/** What the view is made of; what is beside the agent is handed on as it is. */
export interface AgentViewParts
  extends Pick<
    AgentView,
    | 'agentId'
    | 'version'
    | 'metrics'
    | 'live'
    | 'tap'
    | 'audit'
    | 'strip'
    | 'series'
    | 'jobs'
    | 'members'
    | 'stacks'
    | 'mutes'
  > {
  readonly config: Config;
  readonly agent: Agent;
  readonly store: Pick<CheckpointStore, 'inspect'>;
  readonly index: Pick<SearchIndex, 'search'>;
  readonly accountNames: AccountDirectory;
  readonly clock: Clock;
}

/** Everything that the HTTP listener shows of a running agent. */
export function createAgentView(parts: AgentViewParts): AgentView {
  const { agent, config, index, store, accountNames, clock } = parts;
  const { agentId, version, metrics, live, tap, audit, strip, series, jobs, members, stacks, mutes } = parts;
  const inQuarantine: AgentView['inQuarantine'] = (id, customers) => agent.inQuarantine(id, customers);
  const observed = (): readonly ObservedSource[] => agent.observed();
  let started = false;

  async function search(query: RecordQuery, signal?: AbortSignal): Promise<FoundRecords> {
    const { records, complete } = await index.search(query, signal);
    const named = records.map((record) => ({
      ...record,
      accountName: accountNames.get(record.customer)?.get(record.account),
    }));
    return { records: named, complete };
  }

  return {
    ...{ agentId, version, metrics, live, tap, audit, strip, series },
    ...{ jobs, members, stacks, mutes, observed, inQuarantine, search },
    customers: customerFacts(config.customers, accountNames),
    overview: () => overview(observed(), clock.now(), inQuarantine),
    changes: (query, signal) => changesIn(search, query, signal),
    destinations: () => destinationFacts(config.destinations, agent.destinations),
    checkpoints: (source) => checkpointsOf(store, source),
    configuration: () => shownConfiguration(config),
    notices: createNoticeDesk(config, clock),
    isAlive: () => agent.isAlive(),
    isReady: () => agent.isReady(),
    hasStarted() {
      started ||= agent.isReady();
      return started;
    },
  };
}
