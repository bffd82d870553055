import { hash } from 'node:crypto';

import { HAPPENING } from './event-types.ts';
import type { Happening } from './memory.ts';

interface AgentFacts {
  readonly agentId: string;
  readonly version: string;
  /** Epoch ms. */
  readonly at: number;
}

const TITLES = { 'agent.started': 'started', 'agent.stopping': 'stops' } as const;

/** The agent itself begins, or ends by the will of somebody. */
export function agentHappening(type: keyof typeof TITLES, { agentId, version, at }: AgentFacts): Happening {
  const key = `guardrelay/agent/${agentId}/${type}/${at}`;
  return {
    topic: key,
    event: {
      schema: 'guardrelay.event/v1',
      id: hash('sha256', key),
      at: new Date(at).toISOString(),
      action: 'notice',
      ...{ key, type, severity: HAPPENING[type], code: type },
      title: `guardrelay ${version} ${TITLES[type]} as ${agentId}`,
      ...{ accounts: [], regions: [], details: { agent: agentId, version } },
    },
  };
}
