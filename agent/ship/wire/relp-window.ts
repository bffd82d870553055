import { createQueue } from '../queue.ts';
import type { RelpFrame } from './relp-frame.ts';

/** A command that waits for its answer, or to be sent. */
export interface RelpRequest {
  readonly command: 'open' | 'syslog' | 'close';
  readonly data: Buffer;
  /** Nothing else may be unanswered while this is. */
  readonly alone: boolean;
  /** Called exactly once. */
  done(answer: RelpAnswer): void;
}

export type RelpAnswer =
  | { readonly kind: 'rsp'; readonly data: Buffer }
  /** The connection ended first: it may have been taken or not. `alone`: nothing else was unanswered. */
  | { readonly kind: 'lost'; readonly fault: Error; readonly alone: boolean }
  /** The connection ended before it was sent. */
  | { readonly kind: 'unsent'; readonly fault: Error };

/** The transaction numbers of one connection: from 1, without gaps, at most so many unanswered. */
export interface RelpWindow {
  readonly unanswered: number;
  /** Unanswered or not sent yet. */
  readonly size: number;
  add(request: RelpRequest): void;
  /** Takes the next request that may be sent now. */
  next(): RelpFrame | undefined;
  /** Takes the request that an answer belongs to; in any order. */
  answered(txnr: number): RelpRequest | undefined;
  /** Tells all requests that the connection has ended. */
  end(fault: Error): void;
}

export function createRelpWindow(limit: number): RelpWindow {
  const waiting = createQueue<RelpRequest>();
  const unanswered = new Map<number, RelpRequest>();
  let last: RelpRequest | undefined;
  let txnr = 0;

  function admits(request: RelpRequest): boolean {
    const isShared = !request.alone && !last?.alone;
    return unanswered.size < (isShared ? limit : 1);
  }

  return {
    get unanswered() {
      return unanswered.size;
    },
    get size() {
      return unanswered.size + waiting.length;
    },
    add: (request) => waiting.push(request),
    next() {
      const { first } = waiting;
      if (!first || !admits(first)) return undefined;
      waiting.shift();
      txnr += 1;
      unanswered.set(txnr, first);
      last = first;
      return { txnr, command: first.command, data: first.data };
    },
    answered(number) {
      const request = unanswered.get(number);
      unanswered.delete(number);
      return request;
    },
    end(fault) {
      const lost = [...unanswered.values()];
      const unsent = waiting.takeOut(() => true);
      unanswered.clear();
      for (const request of lost) request.done({ kind: 'lost', fault, alone: lost.length === 1 });
      for (const request of unsent) request.done({ kind: 'unsent', fault });
    },
  };
}
