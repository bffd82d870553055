import type { DeliveryMeter } from '../health/delivery-meter.ts';
import type { Clock } from '../model/clock.ts';
import type { Sink } from '../model/sink.ts';

interface Metering {
  readonly destination: string;
  readonly meter: Pick<DeliveryMeter, 'answered'>;
  readonly clock: Clock;
}

/** A sink whose answers to batches are counted and timed. */
export function meteredSink(sink: Sink, { destination, meter, clock }: Metering): Sink {
  return {
    place: sink.place,
    caps: sink.caps,
    encode: (record) => sink.encode(record),
    seal: (records) => sink.seal(records),
    probe: (signal) => sink.probe(signal),
    close: (deadlineMs) => sink.close(deadlineMs),
    async send(batch, signal) {
      const sentAt = clock.monotonic();
      const outcomes = await sink.send(batch, signal);
      meter.answered(destination, outcomes, clock.monotonic() - sentAt);
      return outcomes;
    },
  };
}
