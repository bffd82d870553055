import { systemClock } from '../../../agent/model/clock.ts';
import type { JsonObject } from '../../../agent/model/json.ts';
import { silentLogger } from '../../../agent/model/logger.ts';
import { createShipper } from '../../../agent/ship/shipper.ts';
import { createSink, destinationOptions } from '../../../agent/ship/sinks/index.ts';
import { recordNamed, sinkDeps } from '../../support/ship-records.ts';
import { until } from './until.ts';

/** 2 KB, as a finding. */
const TEXT = 'x'.repeat(1_950);
const CLOSE_MS = 5_000;
/** A destination that counts as blocked, as when it hung in a TLS handshake, is asked again after a minute. */
const PATIENCE_MS = 120_000;

/** Records that are shipped without a pause, as many at a time as may be in flight. */
export interface ShipperLoad {
  /** Ids, in the order in which they became final. */
  readonly final: readonly string[];
  untilFinal(count: number): Promise<void>;
  /** Submits nothing more; returns once everything is final. */
  finish(): Promise<void>;
}

interface LoadOptions {
  /** Without an id. */
  readonly destination: JsonObject;
  readonly maxInFlightBytes: number;
  /** For the jitter of retries. */
  readonly random: () => number;
}

export function startLoad({ destination, maxInFlightBytes, random }: LoadOptions): ShipperLoad {
  const quarantine = { write: async () => Promise.reject(new Error('nothing is refused here')) };
  const sink = createSink(destinationOptions.parse({ id: 'd', ...destination }), sinkDeps());
  const shipper = createShipper({
    ...{ destination: 'd', sink, quarantine, random, clock: systemClock, logger: silentLogger },
    maxInFlightBytes,
  });
  const final: string[] = [];
  const owner = {};
  let submitted = 0;
  let feeding = true;

  function feed(): void {
    while (feeding && shipper.room() > 0) {
      const id = `r${submitted}`;
      submitted += 1;
      shipper.submit({
        owner,
        record: sink.encode(recordNamed(id, TEXT)),
        done(result) {
          if (result.kind === 'final') final.push(id);
          if (feeding && shipper.room() > maxInFlightBytes / 8) setImmediate(feed);
        },
      });
    }
  }

  async function untilFinal(count: number): Promise<void> {
    try {
      await until(`${count} of ${submitted} records are final`, () => final.length >= count, {
        ...{ timeoutMs: PATIENCE_MS, everyMs: 5 },
      });
    } catch (cause) {
      const status = JSON.stringify(shipper.status());
      await shipper.close(0);
      throw new Error(`stuck: ${status}`, { cause });
    }
  }

  feed();
  return {
    final,
    untilFinal,
    async finish() {
      feeding = false;
      await untilFinal(submitted);
      await shipper.close(CLOSE_MS);
    },
  };
}
