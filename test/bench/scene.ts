import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

import { createBucket } from '../../agent/aws/bucket.ts';
import type { Quota } from '../../agent/aws/quota.ts';
import type { Config } from '../../agent/config/config.ts';
import { mistakesError } from '../../agent/config/load.ts';
import { parseConfig } from '../../agent/config/parse.ts';
import { systemClock } from '../../agent/model/clock.ts';

// What the cases share: scripts in processes of their own, and the configuration of a benchmark.

/** Starts a script and answers with the first message that it sends. */
export async function startFarSide<Ready>(
  script: URL,
  args: readonly (string | number)[],
): Promise<{ readonly farSide: ChildProcess; readonly ready: Ready }> {
  const farSide = fork(script, args.map(String), { execArgv: [] });
  return { farSide, ready: await messageFrom<Ready>(farSide) };
}

/** Runs one case, so that its CPU time and memory are its own, and answers with what it measured. */
export async function runCase<Result>(script: URL, options: object): Promise<Result> {
  const running = fork(script, [JSON.stringify(options)]);
  const [result] = await Promise.all([messageFrom<Result>(running), once(running, 'exit')]);
  return result;
}

/** Hands a case's result to `runCase` and lets the process end. */
export function report(result: object): void {
  process.send?.(result, () => process.disconnect?.());
}

/** The next message; rejects if the process ends without one. */
export async function messageFrom<T>(child: ChildProcess): Promise<T> {
  const ended = new AbortController();
  child.once('exit', () => ended.abort());
  const [message] = await once(child, 'message', { signal: ended.signal });
  return message;
}

export interface BenchConfig {
  readonly dataDir: string;
  /** One customer without its id and destinations. */
  readonly customer: object;
  /** One destination without its id. */
  readonly destination: object;
}

export function benchConfig({ dataDir, customer, destination }: BenchConfig): Config {
  const parsed = parseConfig(
    JSON.stringify({
      version: 1,
      agent: { id: 'bench', dataDir, logLevel: 'error' },
      customers: [{ id: 'bench', destinations: ['bench'], ...customer }],
      destinations: [{ id: 'bench', insecureTransport: true, ...destination }],
    }),
    {},
  );
  if (parsed.kind === 'mistaken') throw mistakesError('of the benchmark', parsed.mistakes);
  return parsed.config;
}

const UNLIMITED_PER_SECOND = 1_000_000;

/** No pace of our own, so that a case shows what the agent can do. */
export const unlimited: Quota = {
  paceOf: () => ({ filterLogEvents: unlimitedBucket(), describeLogGroups: unlimitedBucket() }),
};

function unlimitedBucket() {
  return createBucket(UNLIMITED_PER_SECOND, systemClock);
}
