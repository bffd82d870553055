import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

import { ask } from './api.ts';

/** What was answered last, and what went wrong since. */
export interface Polled<Answer> {
  readonly answer: Answer | undefined;
  readonly error: string | undefined;
  refresh(): void;
}

interface PollOptions<Answer> {
  /** Absent: once. */
  readonly everySeconds?: number;
  /** What is known already. */
  readonly first?: Answer | undefined;
  /** Nothing new is expected after such an answer. */
  until?(answer: Answer): boolean;
}

/** Asks now and again, as long as somebody looks; asks nothing without a path. */
export function usePolled<Answer>(
  path: string | undefined,
  { everySeconds, first, until }: PollOptions<Answer> = {},
): Polled<Answer> {
  const [answer, setAnswer] = useState(first);
  const [error, setError] = useState<string>();
  const [turn, setTurn] = useState(0);
  const isAsking = useRef(false);
  const refresh = useCallback(() => setTurn((last) => last + 1), []);

  // A turn asks again for the same.
  useEffect(() => {
    if (path === undefined || (turn === 0 && first !== undefined)) return undefined;
    const stop = new AbortController();
    isAsking.current = true;
    ask<Answer>(path, stop.signal).then(
      (fresh) => {
        isAsking.current = false;
        setAnswer(() => fresh);
        setError(undefined);
      },
      (failure: unknown) => {
        if (stop.signal.aborted) return;
        isAsking.current = false;
        setError(failure instanceof Error ? failure.message : String(failure));
      },
    );
    return () => stop.abort();
  }, [path, turn, first]);

  const isFinal = answer !== undefined && until?.(answer) === true;
  useEffect(() => {
    if (everySeconds === undefined || isFinal) return undefined;
    const again = () => {
      if (document.visibilityState === 'visible' && !isAsking.current) refresh();
    };
    const timer = setInterval(again, everySeconds * 1_000);
    document.addEventListener('visibilitychange', again);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', again);
    };
  }, [everySeconds, isFinal, refresh]);

  return { answer, error, refresh };
}
