import type { Clock } from '../model/clock.ts';
import type { ChannelOutcome } from './channel.ts';

interface Deadline {
  readonly ms: number;
  readonly clock: Clock;
  readonly stop: AbortSignal;
}

/** A far side that never answers counts as one that does not answer now, and so does a fault of our own. */
export async function within(
  { ms, clock, stop }: Deadline,
  call: (signal: AbortSignal) => Promise<ChannelOutcome>,
): Promise<ChannelOutcome> {
  const answered = new AbortController();
  const limit = new AbortController();
  void clock.sleep(ms, answered.signal).then(() => limit.abort());
  try {
    return await call(AbortSignal.any([stop, limit.signal]));
  } catch (error) {
    return { kind: 'retry', why: error instanceof Error ? error.message : String(error) };
  } finally {
    answered.abort();
  }
}
