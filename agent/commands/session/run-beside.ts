import type { Agent, AgentReport } from '../../relay/agent.ts';

/** Something that lives as long as the agent does. */
interface Companion {
  /** Until `stop`; resolves when it has ended. */
  run(stop: AbortSignal): Promise<void>;
}

/** Runs the agent until it ends, and its companions as long. */
export async function runBeside(
  agent: Agent,
  companions: readonly Companion[],
  stop: AbortSignal,
): Promise<AgentReport> {
  const ended = new AbortController();
  const until = AbortSignal.any([stop, ended.signal]);
  const beside = Promise.all(companions.map((each) => each.run(until)));
  try {
    return await agent.run(stop);
  } finally {
    ended.abort();
    await beside;
  }
}
