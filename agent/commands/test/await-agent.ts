import type { CheckpointStore, SourceStatus } from '../../checkpoint/store.ts';
import type { Clock } from '../../model/clock.ts';
import { EXIT, GuardrelayError } from '../../model/error.ts';

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
  await store.wake(sources);
  const first = await timesOf(sources, store);
  const open = new Set(sources);
  let idleSince = clock.monotonic();
  while (open.size > 0 && clock.monotonic() < idleSince + PATIENCE_MS && !signal.aborted) {
    await clock.sleep(LOOK_MS, signal);
    const now = await timesOf(sources, store);
    for (const source of open) if (isTaken(first.get(source), now.get(source))) open.delete(source);
    // An agent that was killed holds its sources until their lease ends; one that works moves that end.
    if ([...open].some((source) => now.get(source)?.owner !== undefined)) idleSince = clock.monotonic();
  }
  if (open.size > 0 && !signal.aborted) throw nobodyReads([...open]);
}

type Times = Pick<SourceStatus, 'nextPollAt' | 'owner'>;

async function timesOf(
  sources: readonly string[],
  store: Waiting['store'],
): Promise<ReadonlyMap<string, Times>> {
  const times = new Map<string, Times>();
  for await (const { spec, enabled, ...status } of store.inspect()) {
    if (enabled && sources.includes(spec.source)) times.set(spec.source, status);
  }
  return times;
}

/** Whoever takes a source, or goes on with it, moves the time when another may. */
function isTaken(first: Times | undefined, now: Times | undefined): boolean {
  return now !== undefined && now.nextPollAt > (first?.nextPollAt ?? 0);
}

function nobodyReads(sources: readonly string[]): GuardrelayError {
  const [first = ''] = sources;
  const others = sources.length > 1 ? ` and ${sources.length - 1} more` : '';
  return new GuardrelayError('SRC-002', `No agent reads ${first}${others}, so nothing was sent`, {
    exitCode: EXIT.unhealthy,
    fix: 'Start the agent with: guardrelay run   (or test a destination alone: guardrelay test --via agent)',
  });
}
