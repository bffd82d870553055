import type { CheckpointStore } from '../checkpoint/store.ts';
import type { Clock } from '../model/clock.ts';
import { EXIT, GuardrelayError } from '../model/error.ts';

interface Waiting {
  readonly store: Pick<CheckpointStore, 'wake' | 'inspect'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** An agent takes a source that is due within a second, a busy one a little later. */
const PATIENCE_MS = 5_000;
const LOOK_MS = 250;

/** Makes the sources due, and waits until an agent has taken each of them. Throws SRC-002 if none does. */
export async function awaitAgent(sources: readonly string[], waiting: Waiting): Promise<void> {
  const { store, clock, signal } = waiting;
  const endsAt = clock.monotonic() + PATIENCE_MS;
  await store.wake(sources);
  const wokenAt = clock.now();
  let idle = await untaken(sources, wokenAt, waiting);
  while (idle.length > 0 && clock.monotonic() < endsAt && !signal.aborted) {
    await clock.sleep(LOOK_MS, signal);
    idle = await untaken(sources, wokenAt, waiting);
  }
  if (idle.length > 0 && !signal.aborted) throw nobodyReads(idle);
}

/** One that is served, or was since, is not due. */
async function untaken(
  sources: readonly string[],
  since: number,
  { store }: Waiting,
): Promise<readonly string[]> {
  const taken = new Set<string>();
  for await (const { spec, enabled, owner, nextPollAt } of store.inspect()) {
    if (enabled && (owner !== undefined || nextPollAt > since)) taken.add(spec.source);
  }
  return sources.filter((source) => !taken.has(source));
}

function nobodyReads(sources: readonly string[]): GuardrelayError {
  const [first = ''] = sources;
  const others = sources.length > 1 ? ` and ${sources.length - 1} more` : '';
  return new GuardrelayError('SRC-002', `No agent reads ${first}${others}, so nothing was sent`, {
    exitCode: EXIT.unhealthy,
    fix: 'Start the agent with: guardrelay run   (or test a destination alone: guardrelay test --via agent)',
  });
}
