import type { FailedCall } from '../aws/failure.ts';
import type { LogPage } from '../aws/logs-answer.ts';
import type { FilterQuery } from '../aws/logs-reader.ts';

/** The pages of one window, in order; at most one is fetched ahead. Disposed of, it breaks off what it asked for. */
export interface PageCalls extends Disposable {
  /** Not to be called after the last page or a failure. */
  next(): Promise<LogPage | FailedCall>;
  /** Asks for the page that `next` will give, if there is one and room for it: the calls are the customer's. */
  fetchAhead(roomBytes: number): void;
}

type Ask = (query: FilterQuery, signal: AbortSignal) => Promise<LogPage | FailedCall>;

export function createPageCalls(ask: Ask, window: FilterQuery, signal: AbortSignal): PageCalls {
  // Made when it is needed: most reads are one page.
  let left: AbortController | undefined;
  let query: FilterQuery | undefined = window;
  let ahead: Promise<LogPage | FailedCall> | undefined;

  function call(during: AbortSignal): Promise<LogPage | FailedCall> {
    if (!query) throw new Error('a window was read beyond its last page');
    return ask(query, during);
  }

  return {
    async next() {
      const answer = await (ahead ?? call(signal));
      ahead = undefined;
      const nextToken = answer.kind === 'page' ? answer.nextToken : undefined;
      query = nextToken === undefined ? undefined : { ...window, nextToken };
      return answer;
    },
    fetchAhead(roomBytes) {
      if (!query || ahead || roomBytes <= 0) return;
      left ??= new AbortController();
      ahead = call(AbortSignal.any([signal, left.signal]));
      // It is awaited by `next`; if that never comes, its rejection is nobody's.
      ahead.catch(() => {});
    },
    [Symbol.dispose]: () => left?.abort(),
  };
}
