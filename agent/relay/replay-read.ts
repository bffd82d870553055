import type { Clock } from '../model/clock.ts';
import type { LogEvent } from '../model/log-event.ts';
import type { ReadFailure, Wanted, WantedEvent, WindowPlan } from '../tail/read.ts';
import { renderableOf } from './canaries.ts';
import type { Dispatch } from './dispatch.ts';
import { keptSince, type ReadEnd, readPatiently } from './patient-read.ts';
import type { SourceAccess } from './source-access.ts';

/** Event timestamps, both inclusive, epoch ms. */
export interface ReplayWindow {
  readonly from: number;
  readonly to: number;
}

interface ReplayReadOptions extends Pick<SourceAccess, 'reader' | 'normalize'> {
  readonly dispatch: Dispatch;
  readonly window: ReplayWindow;
  readonly clock: Clock;
  readonly random: () => number;
}

/** How reading a window came out, as `Replayed` describes it. */
interface ReplayRead {
  readonly records: number;
  readonly isComplete: boolean;
  readonly keptSince?: number;
  readonly failure?: ReadFailure;
}

/** Resolves when the next record may go, or when the signal aborts. */
export type Pace = (signal: AbortSignal) => Promise<void>;

// A window is begun anew when a call fails; an event forgotten here would then be sent twice.
const MAX_REMEMBERED = 100_000;
const EVERYBODY = [''] as const;

/** Reads a window once and gives its records, marked, to the dispatch. */
export function createReplayRead(options: ReplayReadOptions) {
  const { reader, dispatch, window } = options;
  const plan: WindowPlan = { what: 'replay', start: window.from, end: window.to, due: [] };
  const given = new Set<string>();
  let records = 0;

  const wanted: Wanted = {
    // The dispatch holds the pages back.
    room: () => Number.POSITIVE_INFINITY,
    for: async (events) => events.map(({ id }) => (given.has(id) ? [] : EVERYBODY)),
  };

  async function give(event: LogEvent, pace: Pace, signal: AbortSignal): Promise<void> {
    for (const record of renderableOf(options.normalize(event))) {
      await pace(signal);
      if (signal.aborted) return;
      records += 1;
      await dispatch.give({ ...record, replay: true }, signal);
    }
    if (given.size < MAX_REMEMBERED) given.add(event.id);
  }

  async function giveAll(events: readonly WantedEvent[], pace: Pace, signal: AbortSignal): Promise<void> {
    for (const { event } of events) await give(event, pace, signal);
  }

  async function readOnce(pace: Pace, signal: AbortSignal): Promise<ReadEnd> {
    let end: ReadEnd = 'stopped';
    for await (const read of reader.read(plan, wanted, signal)) {
      if (read.kind === 'page') await giveAll(read.events, pace, signal);
      else end = read.kind === 'paused' ? 'stopped' : read;
    }
    return signal.aborted ? 'stopped' : end;
  }

  return async (pace: Pace, signal: AbortSignal): Promise<ReplayRead> => {
    const group = await reader.describe(signal);
    if (signal.aborted) return { records, isComplete: false };
    if (group.kind === 'failed') return { records, isComplete: false, failure: group };
    const end = await readPatiently(() => readOnce(pace, signal), options, signal);
    return { records, ...keptSince(group), ...outcomeOf(end) };
  };
}

function outcomeOf(end: ReadEnd): Pick<ReplayRead, 'isComplete' | 'failure'> {
  if (end === 'stopped') return { isComplete: false };
  return end.kind === 'complete' ? { isComplete: true } : { isComplete: false, failure: end };
}
