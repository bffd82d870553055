import { Buffer } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { z } from 'zod';

/** What one append stores, whole or not at all. */
const batch = z.strictObject({
  events: z.array(
    z.strictObject({
      id: z.string(),
      timestamp: z.number(),
      ingestionTime: z.number(),
      stream: z.string(),
      message: z.string(),
    }),
  ),
  /** Every event of this span stands in the spool; absent: more of it is to come. */
  covered: z.exactOptional(z.strictObject({ from: z.number(), until: z.number() })),
  /** The number of the segment in which the copying of that span began. */
  since: z.number(),
});
export type Batch = z.output<typeof batch>;

export type FrameRead =
  | { readonly kind: 'frame'; readonly batch: Batch; readonly end: number }
  /** The file ends within it: its write was cut short, so nobody was told that it is stored. */
  | { readonly kind: 'torn' }
  /** It was stored, and is not what was written. */
  | { readonly kind: 'damaged'; readonly why: string };

// Length of the text, the same with all bits turned, CRC-32 of the text: big endian, four bytes each.
const HEADER_BYTES = 12;

export function encodeFrame(content: Batch): Buffer {
  const text = Buffer.from(JSON.stringify(content));
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(text.length, 0);
  header.writeUInt32BE(~text.length >>> 0, 4);
  header.writeUInt32BE(crc32(text), 8);
  return Buffer.concat([header, text]);
}

/** The frame that begins here, in a file of this size. */
export async function readFrame(file: FileHandle, at: number, size: number): Promise<FrameRead> {
  try {
    return await frameAt(file, at, size);
  } catch (error) {
    return { kind: 'damaged', why: String(error) };
  }
}

async function frameAt(file: FileHandle, at: number, size: number): Promise<FrameRead> {
  const textAt = at + HEADER_BYTES;
  if (textAt > size) return { kind: 'torn' };
  const header = await bytesAt(file, at, HEADER_BYTES);
  const length = header.readUInt32BE(0);
  // A power cut may leave zeros where the file had grown already.
  if (header.every((byte) => byte === 0)) return { kind: 'torn' };
  if (header.readUInt32BE(4) !== ~length >>> 0) return { kind: 'damaged', why: 'the length is wrong' };
  const end = textAt + length;
  if (end > size) return { kind: 'torn' };
  const text = await bytesAt(file, textAt, length);
  if (crc32(text) === header.readUInt32BE(8)) {
    return { kind: 'frame', batch: batch.parse(JSON.parse(text.toString())), end };
  }
  return end === size ? { kind: 'torn' } : { kind: 'damaged', why: 'the CRC is wrong' };
}

async function bytesAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, at);
  if (bytesRead < length) throw new Error(`read ${bytesRead} bytes of ${length}`);
  return buffer;
}
