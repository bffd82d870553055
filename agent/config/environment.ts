import { hostname } from 'node:os';
import { z } from 'zod';

import { type AgentOptions, agent, agentId, type WrittenAgent } from './config.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const { logLevel, logFormat, dataDir } = agent.shape;

/** An empty variable counts as absent: that is how a container's settings are left out. */
const unlessEmpty = (value: unknown): unknown => (value === '' ? undefined : value);

/** Settings of the whole agent that the environment may override; customers have none. */
export const environment = z.object({
  GUARDRELAY_AGENT_ID: z.preprocess(unlessEmpty, agentId.optional()),
  GUARDRELAY_DATA_DIR: z.preprocess(unlessEmpty, dataDir.unwrap().optional()),
  GUARDRELAY_LOG_LEVEL: z.preprocess(unlessEmpty, logLevel.unwrap().optional()),
  GUARDRELAY_LOG_FORMAT: z.preprocess(unlessEmpty, logFormat.unwrap().optional()),
});

/** The agent as its environment wants it, else its file, else its host. */
export function resolveAgent(written: WrittenAgent, overrides: z.output<typeof environment>): AgentOptions {
  return {
    ...written,
    id: overrides.GUARDRELAY_AGENT_ID ?? written.id ?? hostname(),
    dataDir: overrides.GUARDRELAY_DATA_DIR ?? written.dataDir,
    logLevel: overrides.GUARDRELAY_LOG_LEVEL ?? written.logLevel,
    logFormat: overrides.GUARDRELAY_LOG_FORMAT ?? written.logFormat,
  };
}
