import type { DemoFault } from './faults.ts';

/** One of the faults, and whether it is there. */
interface Chapter extends Pick<DemoFault, 'text' | 'cure'> {
  readonly isOn: boolean;
}

/** What happens in the demo, one thing after the other, or as somebody wishes. */
export interface Story {
  readonly chapters: readonly Chapter[];
  /** Begins and ends what is due at `now`, in ms of a clock that only grows; answers with what has happened. */
  tick(now: number): string | undefined;
  /** Begins or ends one of them now, by its place in `chapters`; from here on nothing happens by itself. */
  turn(at: number): string | undefined;
}

/** First the visitor sees that all is well. */
const FIRST_MS = 20_000;
/** Long enough to be noticed, told and looked at. */
const LASTS_MS = 150_000;
/** Between two of them, in which what is mended shows. */
const REST_MS = 90_000;

export function createStory(faults: readonly DemoFault[], startedAt: number): Story {
  const on = new Set<DemoFault>();
  let isLed = false;
  let next = 0;
  let dueAt = startedAt + FIRST_MS;

  function begin(fault: DemoFault): string {
    fault.begin();
    if (fault.cure !== undefined) on.add(fault);
    return fault.text;
  }

  function end(fault: DemoFault): string | undefined {
    fault.end();
    on.delete(fault);
    return fault.cure;
  }

  function step(now: number): string | undefined {
    const fault = faults[next % faults.length];
    if (!fault) return undefined;
    if (on.has(fault)) {
      next += 1;
      dueAt = now + REST_MS;
      return end(fault);
    }
    if (fault.cure === undefined) next += 1;
    dueAt = now + (fault.cure === undefined ? REST_MS : LASTS_MS);
    return begin(fault);
  }

  return {
    get chapters() {
      return faults.map((fault) => ({ ...fault, isOn: on.has(fault) }));
    },
    tick: (now) => (isLed || now < dueAt ? undefined : step(now)),
    turn(at) {
      const fault = faults[at];
      if (!fault) return undefined;
      isLed = true;
      return on.has(fault) ? end(fault) : begin(fault);
    },
  };
}
