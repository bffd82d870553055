import type { LogEvent } from '../model/log-event.ts';

/** Log events of the last minutes, to take each once although it is read again and again. */
export interface SeenEvents {
  /** False: it was there before. */
  add(event: Pick<LogEvent, 'id' | 'timestamp'>): boolean;
  /** Events before this time are not read any more. */
  forget(before: number): void;
}

/** In a flood of more than `max` the first are forgotten, and nothing that is as old as they are counts as new. */
export function createSeenEvents(max: number): SeenEvents {
  const times = new Map<string, number>();
  let forgottenTo = Number.NEGATIVE_INFINITY;

  function makeRoom(): void {
    const [first] = times;
    if (times.size <= max || first === undefined) return;
    times.delete(first[0]);
    forgottenTo = Math.max(forgottenTo, first[1]);
  }

  return {
    add({ id, timestamp }) {
      if (timestamp <= forgottenTo || times.has(id)) return false;
      times.set(id, timestamp);
      makeRoom();
      return true;
    },
    forget(before) {
      for (const [id, timestamp] of times) if (timestamp < before) times.delete(id);
    },
  };
}
