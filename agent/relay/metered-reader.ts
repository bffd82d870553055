import type { ReadMeter } from '../health/read-meter.ts';
import type { Read } from '../tail/read.ts';
import type { Reader } from '../tail/reader.ts';

/** A reader whose pages are counted by the kind of read, also those of a read that is broken off. */
export function meteredReader(reader: Reader, meter: Pick<ReadMeter, 'page'>): Reader {
  async function* counted(reads: AsyncIterable<Read>, kind: string): AsyncGenerator<Read> {
    for await (const read of reads) {
      if (read.kind === 'page') meter.page(kind, read.bytes);
      yield read;
    }
  }

  return {
    describe: (signal) => reader.describe(signal),
    serviceNow: () => reader.serviceNow(),
    read: (plan, ...rest) => counted(reader.read(plan, ...rest), plan.what),
  };
}
