interface TarFile {
  readonly name: string;
  readonly content: Buffer;
  readonly mode: number;
  /** Epoch ms. */
  readonly time: number;
}

const BLOCK_BYTES = 512;

/** The plain files of a ustar archive; throws for a header whose sum is wrong. */
export function readTar(bytes: Buffer): readonly TarFile[] {
  const files: TarFile[] = [];
  for (let at = 0; at < bytes.length; ) {
    const header = bytes.subarray(at, at + BLOCK_BYTES);
    if (header.every((byte) => byte === 0)) break;
    const text = (from: number, to: number): string =>
      header.toString('utf8', from, to).replace(/\0.*$/s, '');
    const octal = (from: number, to: number): number => Number.parseInt(text(from, to), 8);
    if (octal(148, 156) !== sumOf(header) || text(257, 263) !== 'ustar')
      throw new Error(`no header at ${at}`);
    const size = octal(124, 136);
    const content = bytes.subarray(at + BLOCK_BYTES, at + BLOCK_BYTES + size);
    files.push({ name: text(0, 100), content, mode: octal(100, 108), time: octal(136, 148) * 1_000 });
    at += BLOCK_BYTES * (1 + Math.ceil(size / BLOCK_BYTES));
  }
  return files;
}

/** The sum itself counts as blanks. */
function sumOf(header: Buffer): number {
  return header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0);
}
