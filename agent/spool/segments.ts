import { Buffer } from 'node:buffer';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { EXIT, GuardrelayError } from '../model/error.ts';
import { eventKey } from '../model/event-key.ts';
import type { LogEvent } from '../model/log-event.ts';
import type { Logger } from '../model/logger.ts';
import { type Batch, encodeFrame } from './frame.ts';
import { createSegment, note, readSegment, type Segment, scanSegment } from './segment.ts';
import type { Span } from './span.ts';

const MAX_SEGMENT_BYTES = 64 * 1024 * 1024;
const NAME = /^(?<number>\d{8})\.spool$/;

/** The spool of one source: log events that its log group will not keep until every destination has them. */
export interface SourceSpool {
  /** On disk. */
  readonly bytes: number;
  /** Every event of these spans can be read. */
  readonly covered: readonly Span[];
  /** Looks at the files: at first, and whenever another agent, or a failed write, may have changed them. */
  refresh(): Promise<void>;
  /** Resolves when it is durable; rejects when it is not, and then it is not there. What it holds already is left out. */
  append(events: readonly LogEvent[], covered?: Span): Promise<void>;
  /**
   * In the order in which they were stored, up to what is the last one by then. Rejects with AGT-007, once, where it
   * cannot go on: that is covered no longer.
   */
  read(window: { readonly start: number; readonly end?: number }): AsyncIterable<readonly LogEvent[]>;
  /** Deletes the files that hold nothing from this event time on. */
  discard(before: number): Promise<void>;
}

/** What all sources share. */
export interface SpoolRoom {
  /** Bytes that may still be written. */
  left(): number;
  /** The folder holds so much now. */
  holds(folder: string, bytes: number): void;
}

interface SegmentsOptions {
  readonly folder: string;
  readonly room: SpoolRoom;
  readonly logger: Logger;
}

export function createSegments(options: SegmentsOptions): SourceSpool {
  return new Segments(options);
}

class Segments implements SourceSpool {
  readonly #options: SegmentsOptions;
  /** Oldest first. */
  #segments: readonly Segment[] = [];
  /** What was stored of a span that is not complete: it will be read again. */
  readonly #pending = new Set<string>();
  #pendingSince: number | undefined;
  /** A write failed: what it left is not known. */
  #isStale = false;

  constructor(options: SegmentsOptions) {
    this.#options = options;
  }

  get bytes(): number {
    return this.#segments.reduce((sum, { fileBytes }) => sum + fileBytes, 0);
  }

  get covered(): readonly Span[] {
    const damaged = this.#segments.filter(({ damage }) => damage !== undefined);
    return this.#segments.flatMap(({ number, marks }) =>
      marks.filter(({ since }) => !damaged.some((each) => since <= each.number && each.number < number)),
    );
  }

  async refresh(): Promise<void> {
    const found = await this.#find();
    const known = new Map(this.#segments.map((segment) => [segment.number, segment]));
    const isStale = this.#isStale || found.length !== known.size;
    if (!isStale && found.every((each) => isSame(each, known.get(each.number)))) return;
    this.#forgetPending();
    for (const segment of found) await this.#scan(segment, segment === found.at(-1));
    this.#keep(found);
    this.#isStale = false;
  }

  async append(events: readonly LogEvent[], covered?: Span): Promise<void> {
    if (this.#isStale) await this.refresh();
    const fresh = events.filter((event) => !this.#pending.has(nameOf(event)));
    if (fresh.length === 0 && !covered) return;
    const segment = this.#open(fresh);
    const since = this.#pendingSince ?? segment.number;
    const batch = { events: fresh, since, ...(covered ? { covered } : {}) };
    const frame = encodeFrame(batch);
    if (frame.length > this.#options.room.left()) throw new Error('agent.spool.maxMegabytes is reached');
    await this.#write(segment, frame);
    note(segment, batch);
    this.#notePending(batch);
  }

  async *read({ start, end = Number.POSITIVE_INFINITY }: { start: number; end?: number }) {
    const isWanted = ({ timestamp }: LogEvent): boolean => timestamp >= start && timestamp <= end;
    // What is stored meanwhile is read too: a slow reader must not come too late for what the log group drops.
    for (let segment = this.#after(0); segment; segment = this.#after(segment.number)) {
      if (segment.end <= start || segment.first > end) continue;
      const isWhole = yield* readSegment(segment, isWanted);
      if (isWhole) continue;
      this.#tellDamage(segment);
      throw new GuardrelayError('AGT-007', `reading ${segment.path} of the spool: ${segment.damage}`, {
        exitCode: EXIT.failure,
        fix: 'Check the disk; what cannot be read is told as a gap.',
      });
    }
  }

  #after(number: number): Segment | undefined {
    return this.#segments.find((each) => each.number > number);
  }

  async discard(before: number): Promise<void> {
    const over = this.#segments.filter((_, at) => this.#isOver(at, before));
    if (over.length === 0) return;
    for (const { path } of over) await rm(path, { force: true });
    this.#keep(this.#segments.filter((segment) => !over.includes(segment)));
    if (this.#segments.length === 0) this.#forgetPending();
  }

  /** A damaged one goes only with the next: until then it says which spans are no longer whole. */
  #isOver(at: number, before: number): boolean {
    const [segment, ...later] = this.#segments.slice(at);
    const next = segment?.damage === undefined ? segment : later.find(({ damage }) => damage === undefined);
    return [segment, next].every((each) => each === undefined || each.end <= before);
  }

  async #find(): Promise<readonly Segment[]> {
    const { folder } = this.#options;
    const names = await readdir(folder).catch(emptyWhereMissing);
    const numbers = names.flatMap((name) => NAME.exec(name)?.groups?.number ?? []).toSorted();
    return Promise.all(
      numbers.map(async (number) => {
        const path = this.#pathOf(Number(number));
        return createSegment(Number(number), path, (await stat(path)).size);
      }),
    );
  }

  async #scan(segment: Segment, isNewest: boolean): Promise<void> {
    await scanSegment(segment, isNewest, (batch) => this.#notePending(batch));
    if (segment.damage === undefined) return;
    this.#forgetPending();
    this.#tellDamage(segment);
  }

  #tellDamage({ path, damage, soundBytes, fileBytes }: Segment): void {
    this.#options.logger.error('a file of the spool is damaged', {
      ...{ code: 'AGT-007', path, damage },
      unreadableBytes: fileBytes - soundBytes,
    });
  }

  #notePending({ events, covered, since }: Batch): void {
    if (covered) {
      this.#forgetPending();
      return;
    }
    this.#pendingSince ??= since;
    for (const event of events) this.#pending.add(nameOf(event));
  }

  #forgetPending(): void {
    this.#pending.clear();
    this.#pendingSince = undefined;
  }

  /** The newest one, or one more. */
  #open(events: readonly LogEvent[]): Segment {
    const newest = this.#segments.at(-1);
    const bytes = events.reduce((sum, { message }) => sum + message.length, 0);
    const hasRoom = newest && newest.fileBytes + bytes <= MAX_SEGMENT_BYTES;
    if (hasRoom && newest.damage === undefined) return newest;
    const number = (newest?.number ?? 0) + 1;
    return createSegment(number, this.#pathOf(number));
  }

  async #write(segment: Segment, frame: Uint8Array): Promise<void> {
    const { folder } = this.#options;
    const isNew = !this.#segments.includes(segment);
    if (isNew) await mkdir(folder, { recursive: true, mode: 0o700 });
    await using file = await open(segment.path, isNew ? 'ax' : 'a', 0o600);
    try {
      const { bytesWritten } = await file.write(frame);
      if (bytesWritten < frame.length) throw new Error('ENOSPC: the disk took a part only');
      await file.datasync();
      if (isNew) await syncFolder(folder);
    } catch (error) {
      // Neither half a frame nor one that may not be durable stays. Should it stay, the next look cuts it off.
      await file.truncate(segment.soundBytes).catch(() => {});
      this.#isStale = true;
      throw error;
    }
    segment.soundBytes += frame.length;
    segment.fileBytes = segment.soundBytes;
    this.#keep(isNew ? [...this.#segments, segment] : this.#segments);
  }

  #keep(segments: readonly Segment[]): void {
    this.#segments = segments;
    this.#options.room.holds(this.#options.folder, this.bytes);
  }

  #pathOf(number: number): string {
    return join(this.#options.folder, `${String(number).padStart(8, '0')}.spool`);
  }
}

/** The same file as when it was looked at. */
function isSame({ fileBytes }: Segment, known: Segment | undefined): boolean {
  return fileBytes === known?.fileBytes;
}

function nameOf({ stream, id }: LogEvent): string {
  return Buffer.from(eventKey(stream, id)).toString('latin1');
}

function emptyWhereMissing(error: unknown): readonly string[] {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
  throw error;
}

/** A new file survives a power cut only when its folder is durable too. */
async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r');
  await handle.sync();
}
