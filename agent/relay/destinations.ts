import type { DeliveryMeter } from '../health/delivery-meter.ts';
import type { Logger } from '../model/logger.ts';
import type { Tap } from '../model/tap.ts';
import { createQuarantine, quarantinePath } from '../ship/quarantine.ts';
import { createShipper, type ShipperOptions, type ShipperStatus } from '../ship/shipper.ts';
import type { DestinationOptions } from '../ship/sinks/index.ts';
import { type Destination, passes } from './destination.ts';
import { meteredSink } from './metered-sink.ts';
import { openSink, type SinkParts } from './open-sink.ts';
import { tapped } from './tap.ts';

// In memory a record in flight takes about four times its bytes.
const MAX_DESTINATION_BYTES = 32 * 1024 * 1024;

export interface DestinationParts extends SinkParts {
  readonly dataDir: string;
  readonly random: () => number;
  /** Absent: nobody looks. */
  readonly tap?: Tap | undefined;
  /** What becomes of refused records; absent: they go to the destination's quarantine file. */
  readonly refused?: Pick<ShipperOptions, 'quarantine' | 'lone'>;
  /** Absent: nobody counts. */
  readonly meters?: { readonly deliveries: DeliveryMeter };
}

export function createDestination(options: DestinationOptions, parts: DestinationParts): Destination {
  const { dataDir, clock, random, logger, meters } = parts;
  const tally = { truncated: 0, unmapped: 0 };
  let certificateExpiresAt: number | undefined;
  const sink = openSink(options, {
    ...parts,
    onFallback() {
      tally.unmapped += 1;
    },
    onConnectionStep(step) {
      // Proxies, and servers that give tokens, have certificates of their own.
      const isItsOwn = step.kind === 'secured' && step.to === sink.place.name;
      if (isItsOwn) certificateExpiresAt = step.facts.expiresAt;
    },
  });
  const metered = meters
    ? meteredSink(sink, { destination: options.id, meter: meters.deliveries, clock })
    : sink;
  const shipper = createShipper({
    sink: tapped(metered, options.id, parts.tap),
    ...{ clock, random, logger },
    destination: options.id,
    maxInFlightBytes: MAX_DESTINATION_BYTES,
    quarantine: createQuarantine(quarantinePath(dataDir, options.id)),
    ...parts.refused,
    onChange: changeLog(options.id, logger),
  });
  return {
    id: options.id,
    shipper,
    tally,
    certificateExpiresAt: () => certificateExpiresAt,
    wants: (record) => passes(record, options.filter ?? {}),
    encode(record) {
      const encoded = sink.encode(record);
      if (encoded.truncated) tally.truncated += 1;
      return encoded;
    },
  };
}

/** Logs when a destination stops taking records and when it takes them again, not every try in between. */
function changeLog(destination: string, logger: Logger): (status: ShipperStatus) => void {
  let known: ShipperStatus['circuit'] = 'closed';
  return ({ circuit, error }) => {
    if (circuit === 'half-open' || circuit === known) return;
    if (circuit === 'closed') logger.info('destination takes records', { destination });
    else if (circuit === 'blocked') logger.error('destination is blocked', { destination, error });
    else if (known === 'closed') logger.warn('destination does not take records', { destination, error });
    known = circuit;
  };
}
