import { constants, gzipSync, zstdCompressSync } from 'node:zlib';

export const COMPRESSIONS = ['gzip', 'zstd', 'none'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

/** Level 3 of zstd makes a smaller body than gzip's best, in less time than gzip's fastest. */
const ZSTD_LEVEL = 3;
const OF_FIRST_BYTES: ReadonlyMap<string, string> = new Map([
  ['1f8b', 'gzip'],
  ['28b5', 'zstd'],
]);

export function compress(body: Buffer, compression: Compression): Buffer {
  switch (compression) {
    case 'gzip':
      return gzipSync(body);
    case 'zstd':
      return zstdCompressSync(body, { params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL } });
    case 'none':
      return body;
  }
}

/** Value of `content-encoding`, told by the first bytes, with which no text in UTF-8 begins. */
export function encodingOf(wire: Buffer): string | undefined {
  return OF_FIRST_BYTES.get(wire.toString('hex', 0, 2));
}
