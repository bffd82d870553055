import { type FileHandle, open } from 'node:fs/promises';

import type { LogEvent } from '../model/log-event.ts';
import { type Batch, readFrame } from './frame.ts';
import type { Span } from './span.ts';

const CUT_SHORT = 'it ends within a record';

/** One file of a source's spool, as far as it is known to be sound. */
export interface Segment {
  readonly number: number;
  readonly path: string;
  /** As it stood when it was looked at; another one since: somebody else has written. */
  fileBytes: number;
  /** Up to here it can be read. */
  soundBytes: number;
  /** Why there is no reading on behind `soundBytes`, where there should be. */
  damage?: string;
  /** Event times of what it holds, also of spans without events. */
  first: number;
  end: number;
  readonly marks: Mark[];
}

/** A span of which every event stands in the spool, in the segments from `since` on up to this one. */
interface Mark extends Span {
  readonly since: number;
}

export function createSegment(number: number, path: string, fileBytes = 0): Segment {
  const span = { first: Number.POSITIVE_INFINITY, end: Number.NEGATIVE_INFINITY };
  return { number, path, fileBytes, soundBytes: 0, ...span, marks: [] };
}

/** The segment holds this one more. */
export function note(segment: Segment, { events, covered, since }: Batch): void {
  if (covered) segment.marks.push({ ...covered, since });
  const spans = events.map(({ timestamp }) => ({ from: timestamp, until: timestamp + 1 }));
  for (const { from, until } of covered ? [...spans, covered] : spans) {
    segment.first = Math.min(segment.first, from);
    segment.end = Math.max(segment.end, until);
  }
}

/**
 * Reads a segment anew, and tells of each batch. Only the newest can have been cut short by a crash: there the rest
 * of a frame is cut off.
 */
export async function scanSegment(
  segment: Segment,
  isNewest: boolean,
  told: (batch: Batch) => void,
): Promise<void> {
  await using file = await open(segment.path, isNewest ? 'r+' : 'r');
  for (let at = 0; at < segment.fileBytes; at = segment.soundBytes) {
    const read = await readFrame(file, at, segment.fileBytes);
    if (read.kind === 'frame') {
      segment.soundBytes = read.end;
      note(segment, read.batch);
      told(read.batch);
    } else if (read.kind === 'torn' && isNewest) {
      return await cutOff(segment, file);
    } else {
      segment.damage = read.kind === 'torn' ? CUT_SHORT : read.why;
      return;
    }
  }
}

async function cutOff(segment: Segment, file: FileHandle): Promise<void> {
  await file.truncate(segment.soundBytes);
  await file.datasync();
  segment.fileBytes = segment.soundBytes;
}

/** The events of each batch, oldest batch first. False: what was sound is so no longer, which is noted. */
export async function* readSegment(
  segment: Segment,
  isWanted: (event: LogEvent) => boolean,
): AsyncGenerator<readonly LogEvent[], boolean, undefined> {
  let at = 0;
  try {
    await using file = await open(segment.path, 'r');
    while (at < segment.soundBytes) {
      const read = await readFrame(file, at, segment.soundBytes);
      if (read.kind !== 'frame') throw new Error(read.kind === 'damaged' ? read.why : CUT_SHORT);
      at = read.end;
      yield read.batch.events.filter(isWanted);
    }
    return true;
  } catch (error) {
    segment.soundBytes = at;
    segment.marks.length = 0;
    segment.damage = String(error);
    return false;
  }
}
