import { readSync } from 'node:fs';

import { documentError } from './document-error.ts';

/** Between two lines of a file. */
export interface Place {
  /** Bytes before it. */
  readonly offset: number;
  /** Lines before it. */
  readonly lines: number;
}

export interface FileLine {
  readonly text: string;
  /** The place behind this line. */
  readonly end: Place;
}

const CHUNK_BYTES = 256 * 1024;
/** A state of many sweeps takes about 1 MB. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
const LINE_FEED = 0x0a;

/**
 * The lines of a file from a place on; the last may lack its line feed. Not asynchronous, so that a transaction,
 * which cannot wait, can walk them.
 */
export function* readLines(descriptor: number, from: Place = { offset: 0, lines: 0 }): Generator<FileLine> {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let { offset, lines } = from;
  let rest = Buffer.alloc(0);

  function lineOf(bytes: Buffer, withFeed: number): FileLine {
    offset += bytes.length + withFeed;
    lines += 1;
    return { text: bytes.toString('utf8'), end: { offset, lines } };
  }

  for (;;) {
    const count = readSync(descriptor, chunk, 0, CHUNK_BYTES, offset + rest.length);
    if (count === 0) break;
    let block = Buffer.concat([rest, chunk.subarray(0, count)]);
    for (let at = block.indexOf(LINE_FEED); at >= 0; at = block.indexOf(LINE_FEED)) {
      yield lineOf(block.subarray(0, at), 1);
      block = block.subarray(at + 1);
    }
    rest = block;
    if (rest.length > MAX_LINE_BYTES) throw documentError(`line ${lines + 1} is longer than 16 MiB`);
  }
  if (rest.length > 0) yield lineOf(rest, 0);
}
