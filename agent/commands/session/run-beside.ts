import type { Clock } from '../../model/clock.ts';
import type { Logger } from '../../model/logger.ts';
import type { Agent, AgentReport } from '../../relay/agent.ts';

/** Something that lives as long as the agent does, and without which it relays all the same. */
export interface Companion {
  /** Until `stop`; resolves when it has ended. */
  run(stop: AbortSignal): Promise<void>;
}

interface Besides {
  readonly stop: AbortSignal;
  readonly clock: Clock;
  readonly logger: Logger;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/** Runs the agent until it ends, and its companions, by name, as long. */
export async function runBeside(
  agent: Pick<Agent, 'run'>,
  companions: Readonly<Record<string, Companion>>,
  { stop, ...parts }: Besides,
): Promise<AgentReport> {
  const ended = new AbortController();
  const until = AbortSignal.any([stop, ended.signal]);
  const beside = Object.entries(companions).map(([name, each]) =>
    keepRunning(name, each, { ...parts, stop: until }),
  );
  try {
    return await agent.run(stop);
  } finally {
    ended.abort();
    await Promise.all(beside);
  }
}

/** One that fails is begun anew after a while: records go on meanwhile, and nobody restarts the process for it. */
async function keepRunning(
  name: string,
  companion: Companion,
  { stop, clock, logger }: Besides,
): Promise<void> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs)) {
    const failed = new AbortController();
    try {
      return await companion.run(AbortSignal.any([stop, failed.signal]));
    } catch (error) {
      // What of it runs still.
      failed.abort();
      logger.error('a part of the agent failed; records go on, and it is begun anew', { part: name, error });
    }
    await clock.sleep(pauseMs, stop);
    if (stop.aborted) return;
  }
}
