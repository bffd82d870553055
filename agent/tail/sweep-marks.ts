import type { SourceState, SweepMark } from '../model/position.ts';

type Marks = SourceState['sweeps'];

/** What a read that served sweeps came to. */
interface Served {
  /** windowMinutes of the sweeps. */
  readonly due: readonly number[];
  /** Service time when it began. */
  readonly startedAt: number;
  readonly bytes: number;
}

/** A read is over, and what it handed out is final: its sweeps are done. Only the longest one has been measured. */
export function closed({ sweeps }: SourceState, { due, startedAt, bytes }: Served): Marks {
  const longest = Math.max(...due);
  return remarked(sweeps, due, (mark, windowMinutes) => ({
    ...mark,
    ...{ windowMinutes, doneAt: startedAt },
    ...(windowMinutes === longest ? { bytes } : {}),
  }));
}

/** A poll that served these sweeps turned out to hold `bytes` and more: next time they are a read of their own. */
export function outgrown(
  { sweeps, highWater }: SourceState,
  { due, bytes }: Omit<Served, 'startedAt'>,
): Marks {
  return remarked(sweeps, due, (mark, windowMinutes) => ({
    ...{ windowMinutes, doneAt: highWater },
    ...mark,
    bytes,
  }));
}

/**
 * A destination shares the reads again: whatever the sweeps found since the split was not offered to it, so each goes
 * on from where it was then. `splitAt` stands for one that had not been done before.
 */
export function reopened(
  { sweeps }: SourceState,
  atSplit: Marks = [],
  splitAt = Number.POSITIVE_INFINITY,
): Marks {
  const doneBefore = new Map(atSplit.map(({ windowMinutes, doneAt }) => [windowMinutes, doneAt]));
  return sweeps.map((mark) => {
    const reopenAt = doneBefore.get(mark.windowMinutes) ?? splitAt;
    return { ...mark, doneAt: Math.min(mark.doneAt, reopenAt) };
  });
}

/** A sweep that is new in the configuration gets its first mark here. */
function remarked(
  marks: Marks,
  due: readonly number[],
  remark: (mark: SweepMark | undefined, windowMinutes: number) => SweepMark,
): Marks {
  const markOf = (wanted: number): SweepMark | undefined =>
    marks.find(({ windowMinutes }) => windowMinutes === wanted);
  const others = marks.filter(({ windowMinutes }) => !due.includes(windowMinutes));
  const own = due.map((windowMinutes) => remark(markOf(windowMinutes), windowMinutes));
  return [...others, ...own].toSorted((a, b) => a.windowMinutes - b.windowMinutes);
}
