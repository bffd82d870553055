import type { Wanted, WindowPlan } from '../tail/read.ts';
import type { Progress } from './progress.ts';

/**
 * Learns from a read that serves sweeps how late events are. Such a read shows each event that was ingested since the
 * one before it, late or not, heartbeats too; polls show the late ones less often than they come.
 */
export function sampled(wanted: Wanted, progress: Progress, { due }: WindowPlan): Wanted {
  if (due.length === 0) return wanted;
  const since = Math.max(...progress.state.sweeps.map(({ doneAt }) => doneAt));
  return {
    room: () => wanted.room(),
    for(events) {
      progress.sawLate(events.filter(({ ingestionTime }) => ingestionTime > since));
      return wanted.for(events);
    },
  };
}
