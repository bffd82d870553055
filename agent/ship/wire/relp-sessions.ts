import { onAbort } from '../../model/timer.ts';
import { createKept } from './kept.ts';
import type { RelpSession } from './relp-session.ts';

/** One session that is kept from batch to batch, and followed by another when it broke or has carried its share. */
export interface RelpSessions {
  /** Rejects once when the last session broke while what it took had not settled. */
  get(signal: AbortSignal): Promise<RelpSession>;
  /** Rejects as `get` does, and when the server does not open one more session. */
  probe(signal: AbortSignal): Promise<void>;
  /** Sends nothing more on it. */
  retire(session: RelpSession): void;
  /** Ends all of them, whatever is unanswered. */
  end(fault: Error): void;
  close(signal: AbortSignal): Promise<void>;
}

export function createRelpSessions(
  open: (signal: AbortSignal) => Promise<RelpSession>,
  settleMs: number,
): RelpSessions {
  const kept = createKept(open, ({ ending }) => ending === undefined);
  const leaving = new Map<RelpSession, Promise<void>>();
  const stop = new AbortController();

  /** It ends by itself: at the latest when the server has been silent for too long. */
  function dismiss(session: RelpSession): void {
    leaving.set(
      session,
      session.close(stop.signal).finally(() => leaving.delete(session)),
    );
  }

  function retire(session: RelpSession): void {
    if (session !== kept.current) return;
    kept.release();
    dismiss(session);
  }

  /** A break that nobody has been told of: what it took just before may be lost with it. */
  function checkLast(): void {
    const last = kept.current;
    if (!last?.ending) return;
    kept.release();
    const { fault, at, untold } = last.ending;
    if (untold && at - last.takenAt < settleMs) throw fault;
  }

  return {
    async get(signal) {
      checkLast();
      if (kept.current?.worn) retire(kept.current);
      return kept.get(signal);
    },
    async probe(signal) {
      checkLast();
      dismiss(await open(signal));
    },
    retire,
    end(fault) {
      kept.current?.end(fault);
      for (const session of leaving.keys()) session.end(fault);
    },
    async close(signal) {
      const last = await kept.close();
      if (last) dismiss(last);
      using _leaving = onAbort(signal, () => stop.abort());
      await Promise.all(leaving.values());
    },
  };
}
