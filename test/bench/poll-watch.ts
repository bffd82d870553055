import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, tracingChannel } from 'node:diagnostics_channel';

import type { LeaseTrace } from '../../agent/relay/supervisor.ts';

/** Polls as they leave the process: how late the first call of each lease was, and which sources were served. */
export interface PollWatch {
  /** Ms between the time at which a source was due and its first call, of every poll since the last look. */
  takeLateness(): readonly number[];
  /** Resolves when this many sources have been served to the end. */
  served(sources: number): Promise<void>;
}

/** Follows each lease through its asynchronous context to the HTTP request, so the product knows nothing of it. */
export function watchPolls(now: () => number): PollWatch {
  const leases = tracingChannel<unknown, LeaseTrace>('guardrelay:lease');
  const waiting = new AsyncLocalStorage<{ dueAt: number | undefined }>();
  const sources = new Set<string>();
  const enough = Promise.withResolvers<void>();
  let wanted = Number.POSITIVE_INFINITY;
  let lateness: number[] = [];

  function check(): void {
    if (sources.size >= wanted) enough.resolve();
  }

  leases.start.bindStore(waiting, ({ lease }) => ({ dueAt: lease.dueAt }));
  subscribe('undici:request:create', () => {
    const poll = waiting.getStore();
    if (poll?.dueAt === undefined) return;
    lateness.push(now() - poll.dueAt);
    poll.dueAt = undefined;
  });
  leases.subscribe({
    asyncEnd({ lease }) {
      sources.add(lease.source);
      check();
    },
    ...{ start() {}, end() {}, asyncStart() {}, error() {} },
  });

  return {
    takeLateness() {
      const taken = lateness;
      lateness = [];
      return taken;
    },
    served(count) {
      wanted = count;
      check();
      return enough.promise;
    },
  };
}
