import { gzipSync } from 'node:zlib';

/** A file of an archive. */
export interface ArchivedFile {
  /** At most 100 bytes, folders separated by `/`. */
  readonly name: string;
  readonly content: Buffer;
}

const BLOCK_BYTES = 512;
/** Readable by its owner alone. */
const MODE = 0o600;

/** What stands in which bytes of a header: POSIX.1-1988, "Extended tar Format" (ustar). */
const FIELDS = {
  name: { at: 0, bytes: 100 },
  mode: { at: 100, bytes: 8 },
  uid: { at: 108, bytes: 8 },
  gid: { at: 116, bytes: 8 },
  size: { at: 124, bytes: 12 },
  mtime: { at: 136, bytes: 12 },
  checksum: { at: 148, bytes: 8 },
  type: { at: 156, bytes: 1 },
  magic: { at: 257, bytes: 8 },
} as const;

/** The files as a .tar.gz: the same bytes for the same files and time. `time`: epoch ms, of all files. */
export function archive(files: readonly ArchivedFile[], time: number): Buffer {
  const blocks = files.flatMap((file) => [headerOf(file, time), padded(file.content)]);
  // Two empty blocks end an archive.
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK_BYTES)]));
}

function headerOf({ name, content }: ArchivedFile, time: number): Buffer {
  const header = Buffer.alloc(BLOCK_BYTES);
  const write = (field: keyof typeof FIELDS, text: string): void => {
    const { at, bytes } = FIELDS[field];
    if (Buffer.byteLength(text) > bytes) throw new Error(`${text} does not fit into a tar header`);
    header.write(text, at);
  };
  const octal = (field: keyof typeof FIELDS, value: number): void =>
    write(field, `${value.toString(8).padStart(FIELDS[field].bytes - 1, '0')}\0`);
  write('name', name);
  octal('mode', MODE);
  octal('uid', 0);
  octal('gid', 0);
  octal('size', content.length);
  octal('mtime', Math.floor(time / 1_000));
  write('type', '0');
  write('magic', 'ustar\x0000');
  // It counts as blanks in its own sum.
  write('checksum', ' '.repeat(FIELDS.checksum.bytes));
  const sum = header.reduce((total, byte) => total + byte, 0);
  write('checksum', `${sum.toString(8).padStart(6, '0')}\0 `);
  return header;
}

function padded(content: Buffer): Buffer {
  const missing = (BLOCK_BYTES - (content.length % BLOCK_BYTES)) % BLOCK_BYTES;
  return Buffer.concat([content, Buffer.alloc(missing)]);
}
